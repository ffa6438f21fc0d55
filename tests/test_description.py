"""The description of the API: whole, with examples that are ones."""

import json
import re

import pytest
from jsonschema import Draft202012Validator

from trax.testing.web_server import scripted_service
from trax.web.app import create_app

OPEN = {"/healthz", "/readyz", "/metrics"}


@pytest.fixture(scope="module")
def described(tmp_path_factory) -> dict:
    return create_app(scripted_service(tmp_path_factory.mktemp("described"))).openapi()


def routes(described):
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            yield f"{method.upper()} {path}", route


def test_every_route_says_what_it_does_and_how_it_refuses(described):
    """A summary, a description, a tag that is described, and problems of 4xx."""
    known = {tag["name"] for tag in described["tags"]}
    for name, route in routes(described):
        assert route["summary"], name
        assert route["description"], name
        assert set(route["tags"]) <= known, name
        if name.split()[1] not in OPEN:
            assert any(status.startswith("4") for status in route["responses"]), name


def test_every_body_has_an_example(described):
    """What is sent, and what is answered if all goes well."""
    schemas = described["components"]["schemas"]
    without = set()
    for name, route in routes(described):
        good = [each for status, each in route["responses"].items() if status.startswith("2")]
        for part in (route.get("requestBody", {}), *good):
            for content in part.get("content", {}).values():
                for schema in re.findall(r'schemas/([\w-]+)"', json.dumps(content)):
                    if "example" not in json.dumps(schemas[schema]):
                        without.add(f"{name}: {schema}")
    assert without == set()


def test_examples_are_what_they_show(described):
    """Valid by the schema that they stand in."""
    components = described["components"]
    wrong = []
    for name, schema in components["schemas"].items():
        whole = {"$ref": f"#/components/schemas/{name}", "components": components}
        for example in schema.get("examples", []):
            errors = Draft202012Validator(whole).iter_errors(example)
            wrong += [f"{name}: {error.message}" for error in errors]
    assert wrong == []
