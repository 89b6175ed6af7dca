//! What is new, for feed readers and calendars.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use common::*;
use consultation::ops;
use kernel::Role;

store::on_both! {
    [&migrations(), ledger()]

    async fn a_follower_is_told_of_each_step_and_of_nothing_before_the_opening(test: TestDb) {
        let (site, desk, clock) = timed_site(test);
        let draft = prepare(&desk).await;
        let id = open_consultation(&desk).await;
        clock.advance_seconds(86_400);
        let clerk = signed_in(Role::Clerk);
        let row = consultation::store::consultation(&desk.db, id).await.unwrap();
        let later = row.closes.unwrap().saturating_add(jiff::Span::new().days(7));
        ops::extend(&desk, &clerk, id, later, "来信的人多，多给一周。").await.unwrap();

        let feed = site.get(&format!("/consultations/{id}/feed.atom")).await.ok();
        assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
        let told = feed.text();
        let (opened, extended) = (told.find("公布草案").unwrap(), told.find("来信的人多，多给一周。").unwrap());
        assert!(extended < opened, "the newest first: {told}");
        assert_eq!(told.matches("<entry>").count(), 2, "{told}");

        let all = site.get("/consultations.atom").await.ok().text();
        assert!(all.contains(&id.to_string()) && !all.contains(&draft.to_string()), "{all}");
        let _hidden = site.get(&format!("/consultations/{draft}/feed.atom")).await.is(404);

        let calendar = site.get("/consultations.ics").await.ok();
        assert_eq!(calendar.header("content-type"), "text/calendar; charset=utf-8");
        let day = format!("DTSTART;VALUE=DATE:{}", later.strftime("%Y%m%d"));
        assert!(calendar.text().contains(&day), "{}", calendar.text());
        clock.advance_seconds(60 * 86_400);
        ops::close_overdue(&desk).await.unwrap();
        let calendar = site.get("/consultations.ics").await.ok().text();
        assert!(!calendar.contains("VEVENT"), "what is over is no day to come: {calendar}");
    }
}
