"""Other systems over a wire: MLLP, MQTT, brokers, identity providers."""
