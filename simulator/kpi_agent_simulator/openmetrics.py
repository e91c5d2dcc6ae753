"""The samples as OpenMetrics text, in the order that promtool wants: family by family, series by series."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

from kpi_agent_simulator.backups import BackupGauge
from kpi_agent_simulator.certificates import CertificateGauge
from kpi_agent_simulator.fleet import Host
from kpi_agent_simulator.probes import Probe
from kpi_agent_simulator.restores import RestoreGauge, RestoreTest

_TEXTFILE = "/var/lib/prometheus/node-exporter/apt.prom"

_RESTORE_FAMILIES: tuple[tuple[str, Callable[[RestoreTest], int]], ...] = (
    ("backup_restore_test_last_run_timestamp_seconds", lambda test: test.ran),
    ("backup_restore_test_last_run_success", lambda test: int(test.has_passed)),
    ("backup_restore_test_duration_seconds", lambda test: test.duration),
    ("backup_restore_test_data_age_seconds", lambda test: test.data_age),
)


def write_openmetrics(
    out: TextIO,
    probes: Iterable[Probe],
    hosts: Iterable[Host],
    gauges: Iterable[RestoreGauge],
    *,
    backups: Iterable[BackupGauge],
    certificates: Iterable[CertificateGauge],
) -> int:
    """Write every sample, timestamps in seconds, and the end mark; return how many samples there are."""
    known_hosts, known_gauges = tuple(hosts), tuple(gauges)
    families: list[tuple[str, Iterator[list[str]]]] = [
        ("probe_success", map(_probe_lines, probes)),
        ("apt_upgrades_pending", (lines for host in known_hosts for lines in _pending_lines(host))),
        ("node_reboot_required", map(_reboot_lines, known_hosts)),
        ("node_textfile_mtime_seconds", map(_mtime_lines, known_hosts)),
        ("node_os_info", (lines for host in known_hosts for lines in _system_lines(host))),
        ("backup_last_success_timestamp_seconds", map(_backup_lines, backups)),
        ("probe_ssl_earliest_cert_expiry", map(_certificate_lines, certificates)),
        *((name, _restore_lines(name, value, known_gauges)) for name, value in _RESTORE_FAMILIES),
    ]
    samples = 0
    for name, series in families:
        out.write(f"# TYPE {name} gauge\n")
        for lines in series:
            out.write("".join(lines))
            samples += len(lines)
    out.write("# EOF\n")
    return samples


def _probe_lines(probe: Probe) -> list[str]:
    head = f'probe_success{{job="blackbox",service="{probe.service.name}",instance="{probe.service.url}"}}'
    return [f"{head} {value} {instant}\n" for instant, value in probe.samples]


def _pending_lines(host: Host) -> Iterator[list[str]]:
    series: dict[tuple[str, str], list[str]] = defaultdict(list)
    for scrape in host.scrapes:
        for origin, arch, count in scrape.counts:
            series[origin, arch].append(f"{count} {scrape.instant}\n")
    for (origin, arch), lines in series.items():
        labels = f'instance="{host.name}:9100",customer="{host.contract}",origin="{origin}",arch="{arch}"'
        head = f"apt_upgrades_pending{{{labels}}} "
        yield [head + line for line in lines]


def _reboot_lines(host: Host) -> list[str]:
    head = f'node_reboot_required{{instance="{host.name}:9100",customer="{host.contract}"}}'
    return [f"{head} {scrape.reboot} {scrape.instant}\n" for scrape in host.scrapes]


def _mtime_lines(host: Host) -> list[str]:
    labels = f'instance="{host.name}:9100",customer="{host.contract}",file="{_TEXTFILE}"'
    head = f"node_textfile_mtime_seconds{{{labels}}}"
    return [f"{head} {scrape.mtime} {scrape.instant}\n" for scrape in host.scrapes]


def _system_lines(host: Host) -> Iterator[list[str]]:
    for system in host.systems:
        labels = (
            f'instance="{host.name}:9100",customer="{host.contract}",id="{system.id}",version_id="{system.version}"'
        )
        told = [s.instant for s in host.scrapes if host.system_at(s.instant) == (system.id, system.version)]
        yield [f"node_os_info{{{labels}}} 1 {instant}\n" for instant in told]


def _backup_lines(gauge: BackupGauge) -> list[str]:
    head = f'backup_last_success_timestamp_seconds{{customer="{gauge.contract}",backup="{gauge.part}"}}'
    return [f"{head} {end} {instant}\n" for instant, end in gauge.samples]


def _certificate_lines(gauge: CertificateGauge) -> list[str]:
    labels = f'job="certificates",customer="{gauge.contract}",instance="{gauge.address}"'
    return [f"probe_ssl_earliest_cert_expiry{{{labels}}} {end} {instant}\n" for instant, end in gauge.samples]


def _restore_lines(
    name: str, value: Callable[[RestoreTest], int], gauges: Iterable[RestoreGauge]
) -> Iterator[list[str]]:
    for gauge in gauges:
        head = f'{name}{{customer="{gauge.contract}",backup="{gauge.backup}",method="{gauge.method}"}}'
        yield [f"{head} {value(test)} {instant}\n" for instant, test in gauge.samples]
