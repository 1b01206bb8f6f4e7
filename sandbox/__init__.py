"""What stands in for the outside world on one machine. The product never imports it and is reached over the wire only."""
