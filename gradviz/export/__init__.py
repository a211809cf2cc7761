"""Pictures on disk, without a screen. Import the page that you need."""
