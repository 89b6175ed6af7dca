//! The data of a consultation as files, with their dictionary.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use common::*;
use consultation::{model::Outcome, ops};
use kernel::Role;

store::on_both! {
    [&migrations(), ledger()]

    async fn the_files_are_as_their_dictionary_says_and_tell_no_hidden_word(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let clerk = signed_in(Role::Clerk);
        let decided = speak(&desk, id, "=1+1，请亮到十二点", 0).await.opinion;
        let referred = decision(Outcome::Referred, "属于物业管理");
        decide(&desk, &clerk, decided, &referred).await.unwrap();
        let hidden = speak(&desk, id, "某某的电话是12345", 1).await.opinion;
        ops::hide(&desk, &clerk, hidden, 1, "写了别人的电话").await.unwrap();

        let taken_back = speak(&desk, id, "我是林某某，算了", 2).await.opinion;
        ops::withdraw_opinion(&desk, taken_back).await.unwrap();
        for path in [format!("/consultations/{id}/opinions"), format!("/opinions/{taken_back}"), format!("/api/v1/opinions/{taken_back}")] {
            assert!(!site.get(&path).await.ok().text().contains("林某某"), "{path}");
        }

        let folder = format!("/consultations/{id}/data");
        let package = site.get(&format!("{folder}/datapackage.json")).await.ok().json();
        for resource in package["resources"].as_array().unwrap() {
            let path = resource["path"].as_str().unwrap();
            let file = site.get(&format!("{folder}/{path}")).await.ok().text();
            let fields = resource["schema"]["fields"].as_array().unwrap();
            let names: Vec<String> = fields.iter().map(|field| format!("{}", field["name"])).collect();
            assert_eq!(file.lines().next().unwrap(), names.join(","), "{path}");
            let told = |field: &serde_json::Value| !field["description"].as_str().unwrap().contains('⟦');
            assert!(fields.iter().all(told), "{path}: every column is explained");
        }
        let file = site.get(&format!("{folder}/opinions.csv")).await.ok().text();
        assert_eq!(file.matches("\r\n").count(), 4, "{file}");
        assert!(file.contains("\"'=1+1，请亮到十二点\"") && file.contains("\"市城市管理局\",\"属于物业管理\""), "{file}");
        assert!(file.contains("\"true\",\"写了别人的电话\",\"\"") && !file.contains("12345") && !file.contains("林某某"), "{file}");
        let figures = site.get(&format!("{folder}/figures.csv")).await.ok().text();
        assert!(figures.contains("\"opinions\",\"条意见\",\"3\",\"items\""), "{figures}");
        let draft = prepare(&desk).await;
        for file in ["datapackage.json", "opinions.csv", "figures.csv"] {
            let _hidden = site.get(&format!("/consultations/{draft}/data/{file}")).await.is(404);
        }
    }
}
