"""What speaks to the world outside for the services, behind the protocols of `services.ports`."""
