"""A contract file as written: its shape, key by key (interface.md §3)."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, ClassVar

from kpi_agent.config.fields import (
    Address,
    Clock,
    Count,
    Currency,
    Day,
    Days,
    Flag,
    LimitText,
    Money,
    Percentage,
    Slug,
    Span,
    Text,
    Timezone,
    WallTime,
    member_of,
    one_of,
)
from kpi_agent.config.objective_spec import ObjectiveSpec
from kpi_agent.config.scalars import Duration
from kpi_agent.config.spec import Spec, key
from kpi_agent.domain.contract import Planned, RespondedWhen, UnknownPolicy
from kpi_agent.domain.ticket import PRIORITIES, HoldReason
from kpi_agent.strictyaml import Path

_NEVER_SHORT = Duration(0, "s", "0s")
PriorityName = Annotated[str, one_of(*PRIORITIES)]


class EffectiveSpec(Spec):
    """When the version is in force."""

    since: Day = key("first day in force, from local midnight", "2026-01-01", alias="from")
    to: Day | None = key("last day in force; without it, until the next version", "2026-12-31", None)


class EngagementSpec(Spec):
    """What the provider was engaged for."""

    model: Annotated[str, one_of("kickstart", "build", "run")] = key("phase of the engagement", "run")
    started: Day = key("first day; the 30/60/90-day plan counts from it", "2026-01-01")


class OpeningSpec(Spec):
    """An extra opening on one day."""

    on: Day = key("the day, whether holiday, closed or not", "2026-12-24")
    hours: Text = key("opening hours of that day", "08:00-12:00")


class CalendarSpec(Spec):
    """Service hours."""

    hours: dict[Text, Text] = key("weekdays and their opening hours", {"mon-fri": "08:00-18:00"}, {})
    holidays: Text | None = key("country, or country and subdivision, whose public holidays are closed", "FR", None)
    closed: tuple[Day, ...] = key("further closed days", ["2026-05-15"], ())
    open: tuple[OpeningSpec, ...] = key(
        "extra openings, also on holidays", [{"on": "2026-12-24", "hours": "08:00-12:00"}], ()
    )


class HoldsSpec(Spec):
    """Which waiting stops the clocks."""

    stop: tuple[Annotated[HoldReason, member_of(HoldReason)], ...] = key(
        "reasons of a hold that stop the resolution clock", ["customer"], (HoldReason.CUSTOMER,)
    )


class MaintenanceRulesSpec(Spec):
    """What planned maintenance must respect."""

    notice: LimitText | None = key(
        "how long before its start a window must be declared; what is later counts as downtime", "3wd", None
    )
    cap: Span | None = key("planned hours a month, at most; what exceeds them counts as downtime", "8h", None)


class WindowSpec(Spec):
    """Planned maintenance, once or recurring."""

    name: Text = key("what the report calls it", "patch night")
    starts: WallTime = key("local start, the first one when it recurs", "2026-01-13 22:00")
    lasts: Span = key("length, in absolute time", "4h")
    rrule: Text | None = key("recurrence (RFC 5545), daily or rarer", "FREQ=MONTHLY;BYDAY=2TU", None)
    services: tuple[Text, ...] = key("the services concerned", ["portal"])
    declared: WallTime | None = key(
        "local instant of its announcement; without it, agreed with the contract", "2026-01-05 09:00", None
    )


class TicketScopeSpec(Spec):
    """Which tickets the contract covers."""

    source: Text = key("a tickets source of the settings", "desk")
    where: dict[Text, Text] = key("normalised field and glob that its value must match", {"entity": "ACME*"}, {})
    robots: tuple[Text, ...] = key("accounts whose actions are no human response", ["zabbix*"], ())
    reopen_window: Span = key("a reopening within it withdraws a met", "72h", Duration(72, "h", "72h"))
    lookback: Span = key("how far back a recurrence is looked for", "90d", Duration(90, "d", "90d"))
    same_occurrence: Span = key(
        "tickets so soon after a restoration are the same incident", "4h", Duration(4, "h", "4h")
    )
    desk_calendars: tuple[Text, ...] = key(
        "calendars of this contract that the desk itself counts its durations on", ["office"], ()
    )
    responded_when: Annotated[RespondedWhen, member_of(RespondedWhen)] = key(
        "what counts as a response", "first_human_action", RespondedWhen.FIRST_HUMAN_ACTION
    )
    postmortem: tuple[PriorityName, ...] = key("priorities whose incidents need a post-mortem", ["P1", "P2"], ())
    product_teams: tuple[Text, ...] = key("groups that are product teams", ["dev-*"], ())


class HostScopeSpec(Spec):
    """Which hosts the contract covers."""

    source: Text = key("a prometheus source of the settings", "main")
    matcher: Text = key("PromQL label matchers that select the hosts", 'customer="acme"')
    retired: dict[Text, Day] = key("hosts that left, with the day", {"web3": "2026-10-12"}, {})


class MatchSpec(Spec):
    """Which hosts and configuration items belong to a service."""

    hosts: tuple[Text, ...] = key("globs of host names", ["web*"], ())
    ci: tuple[Text, ...] = key("configuration items, as the desk names them", ["portal"], ())


class ServiceSpec(Spec):
    """A service whose availability is promised."""

    source: Text = key("a prometheus source of the settings", "main")
    up: Text = key(
        "PromQL that is at least 1 while the service is up", 'probe_success{job="blackbox",service="portal"}'
    )
    calendar: Text = key("service hours", "24x7", "24x7")
    min_outage: Span = key("shorter outages are dropped", "60s", _NEVER_SHORT)
    planned: Annotated[Planned, member_of(Planned)] = key(
        "what planned maintenance does to the figure", "excluded", Planned.EXCLUDED
    )
    unknown: Annotated[UnknownPolicy, member_of(UnknownPolicy)] = key(
        "what unobserved time does to the figure", "excluded", UnknownPolicy.EXCLUDED
    )
    match: MatchSpec = key("hosts and configuration items of the service", {"hosts": ["web*"]}, MatchSpec())


class BackupSpec(Spec):
    """A backup set in scope."""

    rpo: Span | None = key("how old the newest backup may be", "26h", None)
    rto: Span | None = key("how long a restore may take", "4h", None)
    match: tuple[Text, ...] = key(
        "globs of what exporters call its parts (host, stanza, repository …); without them, its own name", ["db1*"], ()
    )
    hosts: tuple[Text, ...] = key("globs of the hosts whose data it holds", ["db1*"], ())


class OutSpec(Spec):
    """What is not in scope."""

    what: Text = key("what is left out", "desktop support")
    why: Text = key("why", "other contract")


class ScopeSpec(Spec):
    """What the contract covers."""

    tickets: TicketScopeSpec | None = key("tickets", {"source": "desk"}, None)
    hosts: HostScopeSpec | None = key("hosts", {"source": "main", "matcher": 'customer="acme"'}, None)
    services: dict[Slug, ServiceSpec] = key("services by name", {"portal": {"source": "main", "up": "up"}}, {})
    backups: dict[Slug, BackupSpec] = key("backup sets by name", {"db-main": {"rpo": "26h", "rto": "4h"}}, {})
    not_backed_up: dict[Text, Text] = key("hosts that need no backup, with the reason", {"web*": "built anew"}, {})
    out: tuple[OutSpec, ...] = key("what is out of scope, and why", [{"what": "desktop", "why": "other contract"}], ())


class PrioritySpec(Spec):
    """Limits of one priority; a limit that is not written is not promised."""

    respond: LimitText | None = key("time to respond", "30m", None)
    resolve: LimitText | None = key("time to restore service", "4h", None)
    calendar: Text = key("service hours that the limits count on", "24x7")


class CloseSpec(Spec):
    """When a month is closed."""

    after: Days = key("days after the period's last day", "3d", Duration(3, "d", "3d"))
    at: Clock = key("local time of day", "07:00", time(7, 0))
    wait: Span = key("how long late sources are waited for", "2d", Duration(2, "d", "2d"))


class ReportSpec(Spec):
    """Who reads the report, and when it is made."""

    to: tuple[Address, ...] = key("readers", ["direction@acme.example"], ())
    close: CloseSpec = key("when the month is closed", {"after": "3d", "at": "07:00", "wait": "2d"}, CloseSpec())
    review: Flag = key("freeze the document only when it is approved", "false", default=False)
    weekly: Flag = key("a digest each Monday", "true", default=False)


class CostSpec(Spec):
    """What an hour costs inside."""

    hourly_rate: Money = key("internal cost of an hour, in the contract's currency", "85.00")


class DeliverablesSpec(Spec):
    """What the provider hands over."""

    runbooks: Flag = key("operating procedures", "true", default=False)
    action_plan: Flag = key("plan of improvement", "true", default=False)
    handover: Flag = key("hand-over file", "true", default=False)


class ReviewsSpec(Spec):
    """The rhythm of reviews, each with the name of its meeting."""

    weekly: Text | None = key("weekly meeting", "operations", None)
    monthly: Text | None = key("monthly meeting", "COPIL", None)
    quarterly: Text | None = key("quarterly meeting", "strategy", None)


class ReversibilitySpec(Spec):
    """How the contract ends."""

    notice: Text = key("notice to terminate", "3 months")
    handover: Text | None = key("the hand-over file", "register/handover.md", None)


class AcceptanceSpec(Spec):
    """How a report is accepted."""

    within: LimitText = key("time to object", "10wd")
    silence: Annotated[str, one_of("accepted", "open")] = key("what silence means", "open", "open")


class ContractSpec(Spec):
    """One version of a contract."""

    parts: ClassVar[frozenset[Path]] = frozenset(
        {
            ("calendars",),
            ("maintenance",),
            ("scope",),
            ("scope", "services"),
            ("scope", "backups"),
            ("priorities",),
            ("objectives",),
        }
    )

    contract: Slug = key("the contract's id; several files with one id are its versions", "acme")
    customer: Text = key("the customer's name", "ACME SAS")
    provider: Text = key("the provider's name", "Opsline")
    effective: EffectiveSpec = key("when this version is in force", {"from": "2026-01-01"})
    language: Annotated[str, one_of("fr", "en")] = key("language of the report", "fr")
    timezone: Timezone | None = key("the contract's time zone; without it, that of the settings", "Europe/Paris", None)
    currency: Currency = key("currency of its amounts", "EUR", "EUR")
    engagement: EngagementSpec | None = key("the engagement", {"model": "run", "started": "2026-01-01"}, None)
    calendars: dict[Slug, CalendarSpec] = key(
        "service hours by name; 24x7 is built in",
        {"office": {"hours": {"mon-fri": "08:00-18:00"}, "holidays": "FR"}},
        {},
    )
    holds: HoldsSpec = key("which waiting stops the clocks", {"stop": ["customer"]}, HoldsSpec())
    maintenance_rules: MaintenanceRulesSpec = key("rules of maintenance", {"cap": "8h"}, MaintenanceRulesSpec())
    maintenance: tuple[WindowSpec, ...] = key(
        "planned maintenance",
        [{"name": "patch night", "starts": "2026-01-13 22:00", "lasts": "4h", "services": ["portal"]}],
        (),
    )
    scope: ScopeSpec = key("what is covered", {"tickets": {"source": "desk"}}, ScopeSpec())
    cost: CostSpec | None = key("internal costs", {"hourly_rate": "85.00"}, None)
    priorities: dict[PriorityName, PrioritySpec] = key(
        "limits by priority, P1 the most severe", {"P1": {"respond": "30m", "resolve": "4h", "calendar": "24x7"}}, {}
    )
    objectives: tuple[ObjectiveSpec, ...] = key(
        "what is promised", [{"id": "gti-p1", "indicator": "respond_in_time", "target": ">= 95%"}], ()
    )
    penalty_cap: Percentage | None = key("most that all penalties of a month may reach", "15%", None)
    penalties_from: Day | None = key("no penalty before this day", "2026-04-01", None)
    small_sample: Count | None = key("penalties need at least so many cases", "10", None)
    acceptance: AcceptanceSpec | None = key("how a report is accepted", {"within": "10wd"}, None)
    report: ReportSpec = key("the report", {"to": ["direction@acme.example"]}, ReportSpec())
    deliverables: DeliverablesSpec | None = key("what is handed over", {"runbooks": "true"}, None)
    reviews: ReviewsSpec | None = key("rhythm of reviews", {"monthly": "COPIL"}, None)
    reversibility: ReversibilitySpec | None = key("how the contract ends", {"notice": "3 months"}, None)
    matrix: dict[Text, Any] | None = key("thresholds of the outsourcing matrix", {"hybrid": "13"}, None)
    signals: dict[Text, Any] | None = key("thresholds of the signals", {"recurring": "15%"}, None)
    plan: dict[Text, Any] | None = key("exit criteria of the plan", {"stabilise": {"quick_wins": "80%"}}, None)
