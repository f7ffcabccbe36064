"""What an earlier run answered, given again while everything that it looked at is as it was."""
