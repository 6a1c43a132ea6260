# SPDX-License-Identifier: Apache-2.0
"""Writes the parts of the contract that answers are held against as a C++ source.

usage: embed_contract.py CONTRACT OUTPUT
"""
import json
import sys

import yaml

CHUNK = 8_000  # compilers have limits for one literal
NEEDLESS = ("description", "examples", "format", "contentMediaType", "contentSchema", "title")


def bare(value, inside_properties=False):
    """Without what is for people; a property may have any name."""
    if isinstance(value, list):
        return [bare(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {name: bare(member, name == "properties" and not inside_properties) for name, member in value.items()
            if inside_properties or name not in NEEDLESS}


contract, output = sys.argv[1:]
with open(contract, encoding="utf-8") as file:
    api = yaml.safe_load(file)
answers = {}
for path, methods in api["paths"].items():
    for method, operation in methods.items():
        answers[f"{method.upper()} {path}"] = operation["responses"]["200"]["content"]["application/json"]["schema"]
text = json.dumps({"limits": api["x-limits"], "problems": api["x-problems"], "answers": answers,
                   "components": {"schemas": bare(api["components"]["schemas"], True)}}, separators=(",", ":"))
with open(output, "w", encoding="utf-8") as file:
    file.write("// Made from cloud-api.yaml.\n#include \"contract.hpp\"\n\n"
               "const std::string_view tillkit::conformance::kContractJson =\n")
    for at in range(0, len(text), CHUNK):
        file.write(f'    R"contract({text[at:at + CHUNK]})contract"\n')
    file.write("    ;\n")
