#!/usr/bin/python3
"""What a build of auth-cli is made of, as an SPDX 2.3 document: the libraries that the program and its
modules load, and those that were compiled in, with the versions of the Debian packages they came from."""
import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def loaded_by(binary):
    """The paths of the libraries that it asks for itself."""
    named = set(re.findall(r"NEEDED.*\[(.*)\]", output("readelf", "-d", binary)))
    places = dict(re.findall(r"^\s*(\S+) => (\S+) \(", output("ldd", binary), re.M))
    return [os.path.realpath(places[name]) for name in named if name in places]


def package_of(path):
    # Since /usr was merged, dpkg may know the file by its older name.
    for name in (path, path.removeprefix("/usr")):
        found = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    raise SystemExit(f"{path} belongs to no package")


def version_of(package):
    return output("dpkg-query", "-W", "-f=${Version}\n", package).split("\n")[0]


def compiled_in():
    """Of the packages that a build needs, the libraries' own."""
    wanted = output(str(ROOT / "scripts/packages"), "build").split()
    return sorted(name for name in wanted if name.endswith("-dev"))


def entry(name, version):
    return {"name": name, "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
            "versionInfo": version, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
            "copyrightText": "NOASSERTION"}


def document(version, binaries):
    run = sorted({package_of(path) for binary in binaries for path in loaded_by(binary)})
    built = compiled_in()
    packages = [entry("auth-cli", version)] + [entry(name, version_of(name)) for name in run + built]
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                  "relatedSpdxElement": packages[0]["SPDXID"]}]
    for one in packages[1:]:
        at_run = one["name"] in run
        relations.append({
            "spdxElementId": packages[0]["SPDXID"] if at_run else one["SPDXID"],
            "relationshipType": "DEPENDS_ON" if at_run else "BUILD_DEPENDENCY_OF",
            "relatedSpdxElement": one["SPDXID"] if at_run else packages[0]["SPDXID"]})
    digest = hashlib.sha256(json.dumps(packages).encode()).hexdigest()
    when = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")),
                                           datetime.timezone.utc)
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
            "name": f"auth-cli-{version}", "documentNamespace": f"urn:auth-cli:{version}:{digest}",
            "creationInfo": {"created": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
                             "creators": ["Tool: auth-cli-bill-of-materials"]},
            "packages": packages, "relationships": relations}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--version", required=True)
    parser.add_argument("--modules", required=True, type=pathlib.Path)
    parser.add_argument("binary")
    options = parser.parse_args()
    modules = sorted(str(path) for path in options.modules.glob("*.so"))
    print(json.dumps(document(options.version, [options.binary, *modules]), indent=1))


if __name__ == "__main__":
    main()
