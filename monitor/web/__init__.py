"""The face: pages, API, metrics, badge, feed and hooks, all rendered from the one picture."""
