"""Reads the feeds, the calendar and the data packages of a demo city as those who subscribe to them do.

    readers.py ORIGIN
"""

import json
import sys
import urllib.request

import feedparser
import frictionless
import icalendar


def fetch(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read()


def main():
    origin = sys.argv[1]
    consultations = json.loads(fetch(f"{origin}/api/v1/consultations"))["items"]
    titles = {item["title"] for item in consultations}

    news = feedparser.parse(fetch(f"{origin}/consultations.atom"))
    assert not news.bozo and news.version == "atom10", news.get("bozo_exception")
    assert {entry.title for entry in news.entries} == titles, news.entries
    assert all(entry.link.startswith(origin) and entry.updated_parsed for entry in news.entries)

    for item in consultations:
        steps = feedparser.parse(fetch(f"{origin}/consultations/{item['id']}/feed.atom"))
        assert not steps.bozo and steps.entries, (item["title"], steps.get("bozo_exception"))
        assert steps.feed.title == item["title"]
        at = [entry.updated_parsed for entry in steps.entries]
        assert at == sorted(at, reverse=True), "the newest first"

        package = f"{origin}/consultations/{item['id']}/data/datapackage.json"
        found = frictionless.validate(package)
        assert found.valid, found.flatten(["title", "fieldName", "note"])[:5]
        figures = json.loads(fetch(f"{origin}/api/v1/consultations/{item['id']}/figures"))["figures"]
        counted = next(figure["value"] for figure in figures if figure["key"] == "opinions")
        read = {task.name: task.stats.get("rows", 0) for task in found.tasks}
        assert read["opinions"] == counted, (read, counted)

    calendar = icalendar.Calendar.from_ical(fetch(f"{origin}/consultations.ics"))
    days = {str(event["url"]).rsplit("/", 1)[1]: str(event.decoded("dtstart")) for event in calendar.walk("VEVENT")}
    assert days == {item["id"]: item["closes_on"] for item in consultations if item["state"] == "open"}, days
    print(f"read: {len(news.entries)} pieces of news, the steps of {len(consultations)} consultations, {len(days)} days")


main()
