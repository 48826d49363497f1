"""GitHub's published descriptions: OpenAPI of REST, the schema of GraphQL; answers are held against them.

Both are npm packages that GitHub's own clients are made from: @octokit/openapi and @octokit/graphql-schema.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft4Validator, FormatChecker

INSTALL = (
    "install them with `npm install @octokit/openapi @octokit/graphql-schema`, and let TAGDRIFT_OPENAPI be"
    " the folder node_modules/@octokit/openapi"
)
GRAPHQL = """
const graphql = require("graphql");
const read = name => require("fs").readFileSync(name, "utf8");
const schema = graphql.buildSchema(read(process.argv[1]), {assumeValidSDL: true});
const asked = JSON.parse(read(0));
process.stdout.write(JSON.stringify(asked.map(({query, variables, data}) => ({
    wrong: graphql.validate(schema, graphql.parse(query)).map(String),
    answer: graphql.graphqlSync({schema, source: query, rootValue: data, variableValues: variables}),
}))));
"""
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(text: object) -> bool:
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


@FORMATS.checks("uri", raises=ValueError)
def _is_address(text: object) -> bool:
    return not isinstance(text, str) or (
        urlsplit(text).scheme != "" and text.isprintable() and " " not in text
    )


def folder() -> Path:
    """Return the folder of the npm package @octokit/openapi."""
    named = os.environ.get("TAGDRIFT_OPENAPI")
    assert named, f"GitHub's published descriptions are not here: {INSTALL}"
    assert Path(named).is_dir(), f"{named} (TAGDRIFT_OPENAPI) is not there: {INSTALL}"
    return Path(named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The description of REST, as JSON Schema understands it."""

    document: Mapping[str, Any]

    def problems(self, schema: Mapping[str, Any], answer: object) -> list[str]:
        """Return what is wrong with an answer; fields that the description does not know are wrong too."""
        validator = Draft4Validator({**schema, "components": self.components}, format_checker=FORMATS)
        found = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer)]
        return found + [f"{name} is not a field that GitHub has" for name in self._strange(schema, answer)]

    def answered(self, path: str, status: int) -> Mapping[str, Any]:
        """Return the schema of what a GET there is answered with, or that of an error."""
        described = self.document["paths"][path]["get"]["responses"].get(str(status))
        if described is None or status == 304:
            return {"$ref": "#/components/schemas/basic-error"}
        content = self._found(described)["content"]["application/json"]
        return dict(content["schema"])

    def example(self, name: str) -> Any:
        """Return one of the examples of the description."""
        return self.document["components"]["examples"][name]["value"]

    @property
    def components(self) -> Mapping[str, Any]:
        """What schemas refer to."""
        return dict(self.document["components"])

    def _found(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        where: Any = self.document
        for step in schema.get("$ref", "").split("/")[1:]:
            where = where[step]
        return schema if where is self.document else where

    def _strange(self, schema: Mapping[str, Any], answer: object) -> list[str]:
        schema = self._found(schema)
        if isinstance(answer, list):
            return [name for row in answer for name in self._strange(schema.get("items", {}), row)]
        known = schema.get("properties")
        if not isinstance(answer, dict) or known is None:
            return []
        inner = (self._strange(known[name], value) for name, value in answer.items() if name in known)
        return [name for name in answer if name not in known] + [name for names in inner for name in names]


@cache
def published() -> Published:
    """Read the description of api.github.com."""
    text = (folder() / "generated" / "api.github.com.json").read_text()
    return Published(document=_as_json_schema(json.loads(text)))


def _as_json_schema(value: Any) -> Any:
    """Return OpenAPI 3.0's `nullable`, which JSON Schema does not know, as one more type."""
    if isinstance(value, list):
        return [_as_json_schema(each) for each in value]
    if not isinstance(value, dict):
        return value
    schema = {name: _as_json_schema(each) for name, each in value.items()}
    if schema.get("nullable") is not True:
        return schema
    del schema["nullable"]
    return {"anyOf": [schema, {"type": "null"}]}


def executed(questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Execute GraphQL queries on GitHub's own schema; `data` is where it finds its values.

    Each result has `wrong`, why the schema has no such query, and `answer`.
    """
    schema = folder().with_name("graphql-schema") / "schema.graphql"
    assert schema.is_file(), f"GitHub's GraphQL schema is not at {schema}: {INSTALL}"
    done = subprocess.run(
        ["node", "-e", GRAPHQL, str(schema)],
        input=json.dumps(questions),
        cwd=folder().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))
