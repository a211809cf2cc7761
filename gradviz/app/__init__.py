"""The window and the command line. Import the page that you need."""
