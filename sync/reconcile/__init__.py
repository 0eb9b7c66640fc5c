"""Who is who. Pure: these modules decide over values and know neither the database nor the network."""
