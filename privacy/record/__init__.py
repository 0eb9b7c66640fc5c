"""The record of processing activities (GDPR Art. 30), made from the tables and the processing register."""
