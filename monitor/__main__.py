"""`python -m monitor` is `tagdrift`."""

from monitor.cli import main

if __name__ == "__main__":
    main()
