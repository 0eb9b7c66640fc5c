"""The privacy notice held against the processing register and the data, and a new one drafted from them."""
