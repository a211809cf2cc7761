"""`python -m gradviz`: the same words as the command `gradviz`."""

import sys

from gradviz.app.command_line import main

if __name__ == "__main__":
    sys.exit(main())
