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


def test_imports_excused_from_the_cycle_rule_are_for_the_type_checker_only() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(source.REPOSITORY / ".importlinter")
    excused = contracts["importlinter:contract:cycles"]["ignore_imports"].strip().splitlines()
    for line in excused:
        importer, imported = (part.strip().removeprefix("linkhold.").replace(".", "/") for part in line.split("->"))
        importers = [module for module in source.modules() if module.match(f"{importer}.py")]
        assert importers, f"nothing is called {importer}"
        for module in importers:
            at_run_time = set(source.module_level_imports(source.parsed(module)))
            assert f"linkhold.{imported.replace('/', '.')}" not in at_run_time, f"{module} really imports {imported}"
