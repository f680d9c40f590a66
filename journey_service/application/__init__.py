"""One async function per thing a caller can ask."""
