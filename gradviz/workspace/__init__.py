"""What is open now: the document, its run, the playhead, the selection and the history of edits."""
