"""Bring in old facts from files of others: CSV, JSON lines, CloudEvents.

    mapping = Mapping.load(Path("ecom.toml"), Path("ecom.csv.gz"))
    async with journey_client.connect("127.0.0.1:8080", token=token, service=True) as client:
        figures = await import_file(client, Path("ecom.csv.gz"), mapping, rejects=Path("bad.jsonl"))

The token's role is service and its scope has clock.trusted: rows keep their own times.
"""

from journey_client.importing.figures import ChannelFigures, Figures
from journey_client.importing.mapping import Mapping, MappingError
from journey_client.importing.run import import_file

__all__ = ["ChannelFigures", "Figures", "Mapping", "MappingError", "import_file"]
