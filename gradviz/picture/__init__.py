"""What is drawn, as data, and the one painter of it."""
