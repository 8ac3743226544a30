"""Sites that train one generator and share no images: federated averaging through Flower."""
