"""``python -m mutants [MODULE…]``, see campaign.py."""

import sys

from mutants.campaign import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
