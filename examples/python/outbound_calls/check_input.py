"""Checks the input of a monitor by its JSON Schema: python -m outbound_calls.check_input SCHEMA INPUT"""

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator


def check_input(schema_file: str, call: object) -> None:
    schema = json.loads(Path(schema_file).read_text())
    validator = Draft202012Validator({**schema, "$ref": "#/$defs/MonitorOutboundCallInput"})
    validator.validate(call)


if __name__ == "__main__":
    check_input(sys.argv[1], json.loads(sys.argv[2]))
