"""tagdrift: notices when a project's "latest release" metadata falls behind its releases, and tells."""

__version__ = "0.1.0"
