"""Training texts of our own making: families of sentences with their records, composed into documents."""
