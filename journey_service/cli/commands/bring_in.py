"""`journey import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from journey_client.importing import Mapping
from journey_service.cli import importing
from journey_service.cli.calling import call
from journey_service.cli.exits import Exit, readable
from journey_service.cli.options import (
    CUSTOMERS,
    Address,
    DataDir,
    Json,
    Token,
    caller_of,
    example,
)
from journey_service.cli.output import Output

app = typer.Typer()


@app.command(
    "import",
    rich_help_panel=CUSTOMERS,
    epilog=example("import examples/ecom-sample.csv --mapping examples/ecom.toml"),
)
def import_rows(
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines or CloudEvents; may be gzip.")],
    *,
    mapping: Annotated[Path, typer.Option(help="TOML that says how rows become interactions.")],
    rejects: Annotated[
        Path | None,
        typer.Option(
            help="Where rejected rows go; the bookmark is REJECTS.bookmark beside it."
            "  [default: FILE.rejected.jsonl and FILE.rejected.jsonl.bookmark, in this folder]"
        ),
    ] = None,
    address: Address = "",
    token: Token = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Bring in old facts of another system, at their own times.

    Importing again adds nothing, since ids follow from source and row. Killed,
    it goes on where it was: how far it came stands in a bookmark beside the
    rejected rows, until it is done.
    """
    with readable("FILE", file):
        file.open("rb").close()
    with readable("--mapping", mapping):
        read = Mapping.load(mapping, file)
    caller = caller_of(address, token, data_dir)
    bad = rejects or Path(f"{file.name}.rejected.jsonl")

    async def work(out: Output) -> int:
        async with caller.client("service", scopes=["clock.trusted"]) as client:
            return (await importing.run_import(client, file, read, bad, out)).rejected

    if call(caller, work, json=json):
        raise typer.Exit(Exit.REFUSED)
