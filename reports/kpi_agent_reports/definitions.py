"""What each figure means, in words: the formulas of indicators.md for annex A."""

from __future__ import annotations

from kpi_agent_reports.catalogue import message

INDICATORS = {
    "time_to_respond": message(
        "Time to respond (MTTA): service hours from opening to the first response, over the incidents responded to in "
        "the period. Holds do not stop this clock."
    ),
    "respond_in_time": message(
        "Response in time: incidents whose response limit was kept / incidents whose limit was kept or missed in the "
        "period. Without a response instant, a resolution within the limit proves the response; beyond it, nothing "
        "is judged."
    ),
    "time_to_resolve": message(
        "Time to resolve (MTTR): service hours from opening to service restored, less holds, over the incidents "
        "resolved in the period. A workaround counts, closing does not."
    ),
    "resolve_in_time": message(
        "Resolution in time: incidents whose resolution limit was kept / incidents whose limit was kept or missed in "
        "the period. A breach is counted when its deadline passes, also while the incident is still open."
    ),
    "volume": message("Volume: incidents opened, resolved and withdrawn in the period."),
    "backlog": message("Backlog: incidents open where the figures end."),
    "reopen_rate": message(
        "Reopened: incidents taken up again within the window after their first resolution / incidents resolved for "
        "the first time in the period. What the desk does not tell is in neither part."
    ),
    "out_of_hours_share": message(
        "Outside office hours: incidents on which people worked at an instant outside the office calendar / incidents "
        "on which they worked in the period. Instants are responses, first work, replies and resolutions."
    ),
    "product_team_share": message(
        "Product teams: hours (incidents, where one of them tells no time) of incidents resolved by the groups that "
        "the contract names / hours of all incidents resolved in the period."
    ),
    "single_person_share": message(
        "Busiest resolver: incidents resolved by the one who resolved most / incidents resolved in the period, and how "
        "many resolvers carry 80 %. Resolvers are pseudonyms; of fewer than 4 no figure is told."
    ),
    "interruption_cost": message(
        "Cost of interruptions: hours worked on the incidents resolved in the period x the internal hourly rate of the "
        "contract. Estimated, with the hours beside it; incidents that tell no time are left out and counted."
    ),
    "recurrence_rate": message(
        "Recurring incidents: occurrences whose family already had a resolved one within the lookback / occurrences "
        "that began in the period. Incidents belong to one family when they share a problem, or a category, "
        "a place and most words of their titles. Incidents opened during another of the family, or within 4 h of its "
        "restoration, are one occurrence."
    ),
    "root_cause_treated": message(
        "Root causes treated: families whose problem record is resolved and that did not come back for 30 days / "
        "families with two occurrences or more within the lookback. A family whose problem no export tells is in "
        "neither part."
    ),
    "availability": message(
        "Availability: service hours (T) less planned maintenance (P), time not observed (U) and downtime (D), over T "
        "less P and U, unless the contract counts P or U otherwise. Shorter outages than the contract's minimum are "
        "dropped. The raw figure takes every second around the clock."
    ),
    "custom": message(
        "Figures of the contract: what a question written in the contract gives at the end of each local day; its days "
        "become one value as the contract says. A day without a value is not observed."
    ),
    "patch_lag": message(
        "Patch lag: how long security updates were pending on a host, episodes ended in the period and open ones."
    ),
    "patch_in_time": message(
        "Security patches in time: episodes of pending security updates that ended within the limit / episodes whose "
        "limit was kept or missed in the period."
    ),
    "reboot_in_time": message(
        "Reboots in time: required reboots that were done within the limit / reboots whose limit was kept or missed "
        "in the period."
    ),
    "patched_hosts": message(
        "Patched hosts: hosts without an episode older than the limit at the end / hosts in scope that were observed."
    ),
    "exposure": message(
        "Exposure: time during which hosts had security updates pending, or installed and awaiting a reboot / time "
        "during which both were known, of all hosts together."
    ),
    "unsupported_hosts": message(
        "Hosts out of support: hosts whose operating system gets no security updates any more at the end of the period."
    ),
    "certificates": message(
        "Certificates: the shortest life that a certificate of the probed addresses has left at the end of the period; "
        "0 when one has expired."
    ),
    "restore_success": message("Restore tests passed: tests passed / tests run in the period."),
    "restore_rto": message(
        "Restores within their RTO: passed restore tests of the period that took no longer than the RTO of their "
        "backup set / passed tests of sets with an RTO."
    ),
    "restore_age": message(
        "Age of the oldest proof: how long ago the last restore test of a backup set passed, of the set where that is "
        "longest. A set that was never tested is as old as the contract."
    ),
    "backup_rpo": message(
        "Backups within their RPO: the share of the period during which the newest good backup of a set was younger "
        "than its RPO, of the set where that share is lowest."
    ),
    "restore_coverage": message(
        "Restore tests: backup sets with a passed restore inside the interval before the end of the period / backup "
        "sets in scope. A verification without a restore does not count."
    ),
    "time_to_detect": message(
        "Time to detect: from the start of an outage to the first alert or ticket of its service. Outages that nobody "
        "noticed before their end (at least 30 min) are counted apart; those whose beginning or first minutes were not "
        "observed are left out and counted."
    ),
    "alerts_per_week": message(
        "Alerts per week: firing episodes that began in the period x 7 d / observed time. An alert that fires again "
        "within two evaluations of its rule is the same episode; time in which the server did not run ends none."
    ),
    "alerts_acted_on": message(
        "Alerts acted on: episodes with a ticket of the same host or service, opened from 15 min before their start to "
        "60 min after their end / episodes that name a host or a service. Where exports do not cover that stretch, "
        "the episode is in neither part."
    ),
    "night_alerts": message("Alerts at night: episodes that began between 22:00 and 07:00 of the contract's time."),
    "undetected_outages": message(
        "Undetected outages: outages without a ticket of their service opened from 5 min before to 30 min after their "
        "start. Outages wholly in planned maintenance or outside service hours are left out."
    ),
    "runbook_coverage": message(
        "Runbooks: alerting rules that name a runbook (runbook_url) / alerting rules, at the end of the period."
    ),
}

RULES = (
    (
        message("Verdict"),
        message(
            "Something starts and must be done within a limit. Done at or before its deadline: kept, decided when "
            "it was done. Deadline passed: missed, decided at the deadline. Otherwise it runs on. A verdict belongs to "
            "the period in which it was decided: each thing is judged once, and a closed period never changes silently."
        ),
    ),
    (
        message("No data"),
        message(
            "Under the required coverage there is no verdict: the commitment counts as not measured, stays in the "
            "denominator, and is never shown as kept. What was not observed is neither good nor bad; where it could "
            "overturn a verdict, the verdict carries a reserve and both bounds."
        ),
    ),
    (
        message("Nothing to judge"),
        message("No case arose although the period was observed: the commitment leaves the denominator."),
    ),
    (
        message("Percentiles"),
        message(
            "Nine in ten and median: the value at place (n − 1) × q of the ordered durations, in a straight line "
            "between two neighbours."
        ),
    ),
    (
        message("Rounding"),
        message(
            "Nothing is rounded before it is compared. A printed figure is cut towards the side that is worse for that "
            "indicator, so that it never looks kept when it is not."
        ),
    ),
)
