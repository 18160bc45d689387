"""Who may lean on whom (.importlinter), and what stands outside the layers."""

import configparser
import pathlib
import subprocess
import sys

from tests.architecture import source


def test_import_contracts_are_kept() -> None:
    linter = pathlib.Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=source.REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kept" in done.stdout


def test_every_package_has_its_place_in_the_staircase() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(source.REPOSITORY / ".importlinter")
    layers = contracts["importlinter:contract:layers"]["layers"].split()
    packages = {path.name for path in source.PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert packages <= {layer.strip("()") for layer in layers}


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {(source.PACKAGE / module).parent for module in source.modules()}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_netlink_lives_in_the_kernel_provider_only() -> None:
    offenders = [
        str(module)
        for module in source.modules()
        if not module.is_relative_to("providers/kernel")
        for name in source.module_level_imports(source.parsed(module))
        if name.startswith("linkhold.providers.kernel.netlink")
    ]
    assert offenders == []


def test_pyroute2_is_an_oracle_and_no_dependency() -> None:
    users = [str(module) for module in source.modules() if "import pyroute2" in (source.PACKAGE / module).read_text()]
    assert users == []
