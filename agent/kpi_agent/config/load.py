"""Settings, contracts, profiles and query packs from their files: everything wrong with them at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from glob import glob
from pathlib import Path
from typing import TypeVar

from kpi_agent.config.contracts import join_versions, parse_contract
from kpi_agent.config.packs import parse_pack
from kpi_agent.config.profiles import parse_profile
from kpi_agent.config.settings import parse_settings
from kpi_agent.domain.contract import Contract, ContractVersion
from kpi_agent.domain.errors import InvalidConfiguration
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.source import Profile, QueryPack, Settings
from kpi_agent.strictyaml import MAX_BYTES

T = TypeVar("T")

# The id of a file that is no YAML at all can only be guessed; it withholds the contract of that id, never admits one.
_CLAIM = re.compile(rb"^\s*contract\s*:\s*[\"']?([A-Za-z0-9._-]+)", re.MULTILINE)
_PACK_CLAIM = re.compile(rb"^\s*pack\s*:\s*[\"']?([A-Za-z0-9._-]+)", re.MULTILINE)


def load_settings(path: Path, *, shipped: Path, packs: Collection[str]) -> tuple[Settings, tuple[Problem, ...]]:
    """Return the settings of a file, and advice.

    *shipped* is the folder with ``profiles``; those beside the settings override them by name. *packs* are the names of
    the query packs. Raises InvalidConfiguration with every problem of the file and of the profiles.
    """
    problems: list[Problem] = []
    profiles, wrong = load_profiles(path.parent / "profiles", shipped=shipped)
    problems += wrong
    content, unreadable = _read(path, "write one with `kpi-agent init`, or name another with --config")
    settings = None
    if unreadable is not None:
        problems.append(unreadable)
    else:
        settings, found = parse_settings(content, path, profiles=profiles, packs=packs)
        problems += found
    refused = [p for p in problems if not p.is_advice]
    if settings is None or refused:
        raise InvalidConfiguration(refused)
    return settings, tuple(problems)


def load_profiles(own: Path, *, shipped: Path) -> tuple[Mapping[str, Profile], tuple[Problem, ...]]:
    """Return the ticket profiles by name, those of the folder *own* before the shipped ones, and what is wrong."""
    found: dict[str, Profile] = {}
    problems: list[Problem] = []
    for folder in (shipped / "profiles", own):
        values, wrong = _load_folder(folder, parse_profile, lambda profile: profile.name)
        found.update(values)
        problems += wrong
    return found, (*problems, *_advise_on_names(own, "profile"))


def load_packs(own: Path, *, shipped: Path) -> tuple[Mapping[str, QueryPack], tuple[Problem, ...]]:
    """Return the query packs by name, those of the folder *own* before the shipped ones, and what is wrong.

    A broken file of one's own is a pack with a fault, under the name that it claims, else that of the file: its signals
    are missing and said to be, never those of the shipped pack in their place. Raises InvalidConfiguration for a broken
    shipped one.
    """
    found, wrong = _load_folder(shipped / "queries", parse_pack, lambda pack: pack.name)
    if wrong:
        raise InvalidConfiguration(wrong)
    mine, problems = _load_folder(own, parse_pack, lambda pack: pack.name)
    found.update(mine)
    for file in sorted({p.file for p in problems if not p.is_advice}):
        claimed = _PACK_CLAIM.search(_read(Path(file), "")[0])
        name = Path(file).stem if claimed is None else claimed[1].decode("ascii")
        fault = "; ".join(str(p) for p in problems if p.file == file and not p.is_advice)
        found[name] = QueryPack(name, (), file, fault)
    return found, (*problems, *_advise_on_names(own, "query pack"))


def _advise_on_names(own: Path, what: str) -> Iterator[Problem]:
    for file in sorted((*own.glob("*.yaml"), *own.glob("*.YML"))) if own.is_dir() else ():
        message = f"is not read: the name of a {what} ends in .yml; rename it"
        yield Problem(str(file), message, is_advice=True)


def load_contracts(settings: Settings) -> tuple[Mapping[str, Contract], tuple[Problem, ...]]:
    """Return the contracts that can be used, by id, and what is wrong with the others or worth a remark.

    A broken file stops its own contract only: all versions of that contract are left out, for a missing version would
    silently change figures.
    """
    problems: list[Problem] = []
    versions: dict[str, list[ContractVersion]] = {}
    withheld: set[str] = set()
    files = sorted(Path(name) for name in glob(settings.contracts_glob))  # noqa: PTH207 - absolute patterns need it
    for file in files:
        content, unreadable = _read(file, "make it readable for the agent")
        if unreadable is not None:
            problems.append(unreadable)
            continue
        parsed = parse_contract(content, str(file), timezone=settings.timezone, sources=settings.sources)
        problems += parsed.problems
        if parsed.version is not None:
            problems += _advise_on_people(parsed.version, settings)
            versions.setdefault(parsed.version.id, []).append(parsed.version)
        elif (claimed := parsed.claimed or _claimed(content)) is not None:
            withheld.add(claimed)
    if not files:
        message = f"no contract file is there ({settings.contracts_glob}); write one, see `kpi-agent init`"
        problems.append(Problem(settings.file, message, path="contracts", is_advice=True))
    contracts, misfits = _join(versions, withheld)
    return contracts, (*problems, *misfits)


def _advise_on_people(version: ContractVersion, settings: Settings) -> Iterator[Problem]:
    """Yield why objectives on persons cannot be measured: no person is kept, or none may be counted."""
    key = "people" if not settings.people else "key_file" if settings.key_file is None else ""
    for one in version.objectives if key else ():
        if one.indicator == "single_person_share":
            lack = "privacy.people is false" if key == "people" else "privacy.key_file is not set, so no person is kept"
            message = f"cannot be measured: {lack} ({settings.file})"
            yield Problem(version.file, message, path=f"objectives.{one.id}", is_advice=True)


def _join(
    versions: Mapping[str, Sequence[ContractVersion]], withheld: set[str]
) -> tuple[dict[str, Contract], list[Problem]]:
    contracts: dict[str, Contract] = {}
    problems: list[Problem] = []
    for name, parts in sorted(versions.items()):
        if name in withheld:
            message = f"contract '{name}' is left out: another of its files cannot be used"
            problems += [Problem(part.file, message) for part in parts]
            continue
        contract, misfits = join_versions(parts)
        problems += misfits
        if contract is not None:
            contracts[name] = contract
    return contracts, problems


def _claimed(content: bytes) -> str | None:
    found = _CLAIM.search(content)
    return None if found is None else found[1].decode("ascii")


def _load_folder(
    folder: Path, parse: Callable[[bytes, str], tuple[T | None, tuple[Problem, ...]]], name_of: Callable[[T], str]
) -> tuple[dict[str, T], list[Problem]]:
    """Return the values of a folder's files by the name that each gives itself; a missing folder holds none."""
    found: dict[str, T] = {}
    places: dict[str, Path] = {}
    problems: list[Problem] = []
    for file in _files(folder):
        content, unreadable = _read(file, "make it readable for the agent")
        if unreadable is not None:
            problems.append(unreadable)
            continue
        value, wrong = parse(content, str(file))
        problems += wrong
        if value is None:
            continue
        name = name_of(value)
        if name in places:
            problems.append(Problem(str(file), f"'{name}' is the name of {places[name]} too; write another one"))
            continue
        found[name], places[name] = value, file
    return found, problems


def _files(folder: Path) -> Iterable[Path]:
    return sorted(folder.glob("*.yml")) if folder.is_dir() else ()


def _read(file: Path, what_to_do: str) -> tuple[bytes, Problem | None]:
    """Return the bytes of a file, or the problem that stands in the way; no more is read than a file may hold."""
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1), None
    except FileNotFoundError:
        return b"", Problem(str(file), f"no such file; {what_to_do}")
    except IsADirectoryError:
        return b"", Problem(str(file), "is a folder, not a file; name the file in it")
    except PermissionError:
        return b"", Problem(str(file), "may not be read by this account; check owner and mode (0640 root:kpi-agent)")
    except OSError as error:
        return b"", Problem(str(file), f"cannot be read: {error.strerror or 'unknown reason'}; {what_to_do}")
