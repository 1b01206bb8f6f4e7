"""The page on which a newcomer is a patient and sees what happened to each message. Static files and a thin server side."""
