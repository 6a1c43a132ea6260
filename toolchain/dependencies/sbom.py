#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the bill of materials (CycloneDX 1.5) of the libraries that were built into a prefix.

usage: sbom.py RESOLVED PREFIX TARGET COMPILER NAME-KEY...

It says what was really built: the resolved source versions with their hashes, the static libraries with theirs, and the
C and C++ run-time that a static program takes from the compiler's packages. No time stamp and no random number: the same
sources, options and compiler give the same bytes.
"""
import hashlib
import json
import pathlib
import subprocess
import sys
import uuid

LIBRARIES = {
    "mbedtls": ["libmbedtls.a", "libmbedx509.a", "libmbedcrypto.a", "libeverest.a", "libp256m.a"],
    "cares": ["libcares.a"],
    "curl": ["libcurl.a"],
    "sqlite": ["libsqlite3.a"],
    "cjson": ["libcjson.a"],
    "qrcodegen": ["libqrcodegen.a"],
    "catch2": ["libCatch2.a", "libCatch2Main.a"],
    "httplib": [],
}
NOT_IN_DEVICES = {"catch2", "httplib"}
RUNTIME_LICENCES = {
    "libc6-dev": "LGPL-2.1-or-later",
    "libc6-dev-armhf-cross": "LGPL-2.1-or-later",
    "libstdc++-12-dev": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libstdc++-12-dev-armhf-cross": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgcc-12-dev": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgcc-12-dev-armhf-cross": "GPL-3.0-or-later WITH GCC-exception-3.1",
}


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def library(row, prefix, keys):
    name, debian_version, upstream, orig, orig_sha, debian, debian_sha, licence = row
    archives = [prefix / "lib" / a for a in LIBRARIES[name]]
    properties = [
        {"name": "tillkit:debian-version", "value": debian_version},
        {"name": "tillkit:build-key", "value": keys[name]},
        {"name": "tillkit:orig", "value": orig},
    ]
    if debian != "-":
        properties.append({"name": "tillkit:debian-patches", "value": debian})
        properties.append({"name": "tillkit:debian-patches-sha256", "value": debian_sha})
    package = orig.split("_")[0]
    return {
        "type": "library",
        "bom-ref": name,
        "name": name,
        "version": upstream,
        "scope": "excluded" if name in NOT_IN_DEVICES else "required",
        "licenses": [{"expression": licence}],
        "purl": f"pkg:deb/debian/{package}@{debian_version.replace('+', '%2B').replace('~', '~')}?arch=source&distro=trixie",
        "hashes": [{"alg": "SHA-256", "content": orig_sha}],
        "properties": properties,
        "components": [
            {"type": "file", "name": a.name, "hashes": [{"alg": "SHA-256", "content": sha256(a)}]}
            for a in archives
            if a.exists()
        ],
    }


def runtime(target):
    for name, licence in RUNTIME_LICENCES.items():
        if name.endswith("-armhf-cross") != (target == "linux-armv7"):
            continue
        query = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True, check=False)
        if query.returncode != 0 or not query.stdout:
            continue
        yield {
            "type": "library",
            "bom-ref": name,
            "name": name,
            "version": query.stdout,
            "licenses": [{"expression": licence}],
            "purl": f"pkg:deb/debian/{name}@{query.stdout.replace('+', '%2B')}?distro=bookworm",
        }


def main():
    resolved, prefix, target, compiler = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    keys = dict(entry.rsplit("-", 1) for entry in sys.argv[5:])
    rows = [line.rstrip("\n").split("\t") for line in open(resolved, encoding="utf-8")]
    components = [library(row, prefix, keys) for row in rows] + list(runtime(target))
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    sbom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {"type": "platform", "bom-ref": "tillkit-dependencies", "name": f"tillkit libraries for {target}"},
            "tools": {"components": [{"type": "application", "name": compiler, "version": version}]},
        },
        "components": components,
        "dependencies": [
            {"ref": "tillkit-dependencies", "dependsOn": [c["bom-ref"] for c in components]},
            {"ref": "curl", "dependsOn": ["mbedtls", "cares"]},
        ],
    }
    body = json.dumps(components, sort_keys=True)
    sbom["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, target + body)}"
    out = prefix / "share" / "tillkit" / f"sbom-{target}.cdx.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(sbom, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
