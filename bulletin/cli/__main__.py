"""`python -m bulletin.cli`."""

from bulletin.cli import main

if __name__ == "__main__":
    main()
