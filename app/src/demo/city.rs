//! The city's divisions, congresses, organs, deputies and accounts, made through the directory's
//! own use cases.

use anyhow::{Context as _, Result, ensure};
use directory::{
    Gate,
    accounts::{self, NewAccount, Password},
    congresses::{self, Congress, NewTerm},
    deputies::{self, NewDeputy},
    divisions::{self, Line},
    organs::{self, NewOrgan, OrganKind},
    passwords,
    people::{self, NewPerson},
    second_factor::code_at,
    sign_in::{self, Origin},
};
use jiff::civil::Date;
use kernel::{
    AccountId, Actor, CongressId, DeputyId, DivisionKind, OrganId, PersonId, Role, TermId,
    actor::SignedIn,
};
use serde::{Deserialize, Serialize};
use store::Tx;

use super::{data, data::City, dice::Dice};
use crate::cli::Scale;

/// The password of every demo account: there is nothing behind it to protect.
const PASSWORD: &str = "Lantern-River-72";

/// A way into the demo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The role's word.
    pub role: String,
    /// The name to sign in with.
    pub login: String,
    /// The password.
    pub password: String,
    /// The secret of the second factor, in base32.
    pub totp_secret: String,
    /// The person's name.
    pub name: String,
}

/// Who plays in the demo.
#[derive(Debug)]
pub struct Cast {
    /// The city's congress.
    pub congress: Congress,
    /// Staff.
    pub clerk: Actor,
    /// Who decides for the council of chairpersons.
    pub chair: Actor,
    /// Deputies of the city's congress.
    pub deputies: Vec<Actor>,
    /// The ways in.
    pub logins: Vec<Login>,
}

/// How many deputies a congress of each level has here.
struct Sizes {
    city: usize,
    district: usize,
    town: usize,
}

impl Sizes {
    const fn of(scale: Scale) -> Self {
        match scale {
            Scale::Town => Self {
                city: 96,
                district: 6,
                town: 3,
            },
            Scale::City => Self {
                city: 400,
                district: 20,
                town: 8,
            },
        }
    }
}

/// A seat filled.
struct Seated {
    person: PersonId,
    deputy: DeputyId,
    name: String,
}

/// Who makes the city.
struct Founder<'a> {
    gate: &'a Gate,
    city: &'a City,
    dice: &'a Dice,
    sizes: Sizes,
    since: Date,
}

/// Founds the city.
///
/// # Errors
/// What the directory refuses: then the demo's data is wrong.
pub async fn found(
    gate: &Gate,
    city: &City,
    dice: &Dice,
    scale: Scale,
    since: Date,
) -> Result<Cast> {
    let founder = Founder {
        gate,
        city,
        dice,
        sizes: Sizes::of(scale),
        since,
    };
    let mut tx = gate.db.begin(Actor::System).await?;
    divisions::import(gate, &mut tx, &founder.lines()).await?;
    let (congress, term) = founder
        .congress(
            &mut tx,
            &city.codes.city,
            city.congress.ordinal,
            city.congress.seats,
        )
        .await?;
    let delegations = founder.organs(&mut tx, congress.id).await?;
    let seated = founder
        .city_deputies(&mut tx, congress.id, term, &delegations)
        .await?;
    founder.districts(&mut tx, &seated).await?;
    tx.commit().await?;
    founder.accounts(congress, &seated).await
}

impl Founder<'_> {
    fn lines(&self) -> Vec<Line> {
        let City {
            city,
            codes,
            district,
            ..
        } = self.city;
        let line =
            |code: &str, name: &str, name_en: Option<&str>, kind, parent: Option<&str>| Line {
                code: code.to_owned(),
                name: name.to_owned(),
                name_en: name_en.map(str::to_owned),
                kind,
                parent: parent.map(str::to_owned),
            };
        let (province, city_kind) = (DivisionKind::Province, DivisionKind::City);
        let above = Some(&*codes.province);
        let mut lines = vec![
            line(
                &codes.province,
                &city.province,
                Some(&city.province_en),
                province,
                None,
            ),
            line(
                &codes.city,
                &city.name,
                Some(&city.name_en),
                city_kind,
                above,
            ),
        ];
        for (place, district) in district.iter().enumerate() {
            let code = self.district_code(place);
            let (kind, above) = (DivisionKind::District, Some(&*codes.city));
            lines.push(line(&code, &district.name, Some(&district.en), kind, above));
            for (town, name) in district.town.iter().enumerate() {
                let (kind, town) = (kind_of(name), town_code(&code, town));
                lines.push(line(&town, name, None, kind, Some(&code)));
            }
        }
        lines
    }

    fn district_code(&self, place: usize) -> String {
        format!("{}{:02}", &self.city.codes.city[..4], place + 1)
    }

    async fn congress(
        &self,
        tx: &mut Tx,
        code: &str,
        ordinal: i64,
        seats: i64,
    ) -> Result<(Congress, TermId)> {
        let division = divisions::by_code(&mut *tx, code)
            .await?
            .context("the division was just made")?;
        let name = format!("{}人民代表大会", division.name);
        let congress = congresses::create(self.gate, tx, division.id, &name).await?;
        let term = NewTerm {
            ordinal,
            starts_on: self.since,
            seats,
        };
        let term = congresses::start_term(self.gate, tx, congress.id, &term).await?;
        Ok((congress, term))
    }

    /// Makes the organs; the delegations, one a district.
    async fn organs(&self, tx: &mut Tx, congress: CongressId) -> Result<Vec<OrganId>> {
        for organ in &self.city.organ {
            let known = OrganKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == organ.kind);
            let kind = known
                .with_context(|| format!("city.toml: no kind of organ is called {}", organ.kind))?;
            self.organ(tx, congress, kind, &organ.name).await?;
        }
        let mut delegations = Vec::new();
        for district in &self.city.district {
            let name = format!("{}代表团", district.name);
            delegations.push(
                self.organ(tx, congress, OrganKind::Delegation, &name)
                    .await?,
            );
        }
        Ok(delegations)
    }

    async fn organ(
        &self,
        tx: &mut Tx,
        congress: CongressId,
        kind: OrganKind,
        name: &str,
    ) -> Result<OrganId> {
        let new = NewOrgan {
            congress,
            parent: None,
            kind,
            name,
        };
        Ok(organs::create(self.gate, tx, &new).await?)
    }

    async fn city_deputies(
        &self,
        tx: &mut Tx,
        congress: CongressId,
        term: TermId,
        delegations: &[OrganId],
    ) -> Result<Vec<Seated>> {
        let mut seated = Vec::new();
        for place in 0..self.sizes.city {
            let district = place % self.city.district.len();
            let (person, name) = self.person(tx, congress).await?;
            let constituency = format!("{}选举单位", self.city.district[district].name);
            let seat = Seat {
                congress,
                term,
                constituency: &constituency,
                delegation: delegations.get(district).copied(),
            };
            let deputy = self.seat(tx, person, &seat, place).await?;
            seated.push(Seated {
                person,
                deputy,
                name,
            });
        }
        Ok(seated)
    }

    /// The congresses of districts and towns; every district has one deputy of the city's too.
    async fn districts(&self, tx: &mut Tx, of_the_city: &[Seated]) -> Result<()> {
        for (place, district) in self.city.district.iter().enumerate() {
            let code = self.district_code(place);
            let also = of_the_city.get(place).map(|seated| seated.person);
            let sizes = (self.sizes.district, format!("{}第", district.name));
            self.small_congress(tx, &code, sizes, also).await?;
            for (town, name) in district
                .town
                .iter()
                .enumerate()
                .filter(|(_, name)| kind_of(name) != DivisionKind::Subdistrict)
            {
                let sizes = (self.sizes.town, format!("{name}第"));
                self.small_congress(tx, &town_code(&code, town), sizes, None)
                    .await?;
            }
        }
        Ok(())
    }

    async fn small_congress(
        &self,
        tx: &mut Tx,
        code: &str,
        (size, constituency): (usize, String),
        also: Option<PersonId>,
    ) -> Result<()> {
        let seats = i64::try_from(size)?;
        let (congress, term) = self
            .congress(tx, code, self.city.congress.ordinal, seats)
            .await?;
        for place in 0..size {
            let person = match also.filter(|_| place == 0) {
                Some(person) => person,
                None => self.person(tx, congress.id).await?.0,
            };
            let constituency = format!("{constituency}{}选区", place + 1);
            let seat = Seat {
                congress: congress.id,
                term,
                constituency: &constituency,
                delegation: None,
            };
            self.seat(tx, person, &seat, place).await?;
        }
        Ok(())
    }

    async fn person(&self, tx: &mut Tx, congress: CongressId) -> Result<(PersonId, String)> {
        let surnames: Vec<char> = self.city.names.surnames.chars().collect();
        let surname = self
            .dice
            .pick(&surnames)
            .context("city.toml has surnames")?;
        let given = self
            .dice
            .pick(&self.city.names.given)
            .context("city.toml has given names")?;
        let post = self.dice.pick(&self.city.names.posts).map(String::as_str);
        let name = format!("{surname}{given}");
        let new = NewPerson {
            name: &name,
            post,
            ..NewPerson::default()
        };
        let person = people::create(self.gate, tx, congress, &new).await?;
        Ok((person, name))
    }

    async fn seat(
        &self,
        tx: &mut Tx,
        person: PersonId,
        seat: &Seat<'_>,
        place: usize,
    ) -> Result<DeputyId> {
        let number = format!("{:04}", place + 1);
        let new = NewDeputy {
            person,
            congress: seat.congress,
            term: seat.term,
            number: Some(&number),
            constituency: seat.constituency,
            delegation: seat.delegation,
            since: self.since,
        };
        Ok(deputies::create(self.gate, tx, &new).await?)
    }

    /// The accounts of the demo, with second factors enrolled as people would.
    async fn accounts(&self, congress: Congress, seated: &[Seated]) -> Result<Cast> {
        let mut logins = Vec::new();
        let mut actors = Vec::new();
        let staff = [
            Role::Clerk,
            Role::Chair,
            Role::Admin,
            Role::Security,
            Role::Auditor,
        ];
        for role in staff {
            let mut tx = self.gate.db.begin(Actor::System).await?;
            let (person, name) = self.person(&mut tx, congress.id).await?;
            tx.commit().await?;
            let account = self.account(&congress, role, person).await?;
            logins.push(self.login(&congress, role, &name).await?);
            actors.push(signed_in(&congress, role, account, (person, None, &name)));
        }
        let first = seated.first().context("the city has deputies")?;
        let account = self.account(&congress, Role::Deputy, first.person).await?;
        logins.push(self.login(&congress, Role::Deputy, &first.name).await?);
        let acting = |seat: &Seated| {
            signed_in(
                &congress,
                Role::Deputy,
                account,
                (seat.person, Some(seat.deputy), &seat.name),
            )
        };
        let deputies = seated.iter().map(acting).collect();
        let mut actors = actors.into_iter();
        let (clerk, chair) = actors
            .next()
            .zip(actors.next())
            .context("clerk and chair were just made")?;
        Ok(Cast {
            congress,
            clerk,
            chair,
            deputies,
            logins,
        })
    }

    async fn account(
        &self,
        congress: &Congress,
        role: Role,
        person: PersonId,
    ) -> Result<AccountId> {
        let gate = self.gate;
        ensure!(
            passwords::faults(PASSWORD, role.as_str()).is_empty(),
            "the demo's password breaks the rules"
        );
        let hash = gate.hasher.hash(PASSWORD, &*gate.entropy).await?;
        let new = NewAccount {
            congress: congress.id,
            person,
            login: role.as_str(),
            password: Password::Own(&hash),
        };
        let mut tx = gate.db.begin(Actor::System).await?;
        let account = accounts::create(gate, &mut tx, &new).await?;
        accounts::give_role(gate, &mut tx, account, role).await?;
        tx.commit().await?;
        Ok(account)
    }

    /// Signs in once and sets up the second factor.
    async fn login(&self, congress: &Congress, role: Role, name: &str) -> Result<Login> {
        let gate = self.gate;
        let from = Origin {
            site: congress.id,
            device: "demo",
            mark: "",
        };
        let token = sign_in::sign_in(gate, role.as_str(), PASSWORD, &from).await?;
        let session = sign_in::session(gate, congress.id, token.secret())
            .await?
            .context("the session was just opened")?;
        let enrolment = sign_in::start_enrolment(gate, &session, &self.city.congress.name).await?;
        let code =
            code_at(&enrolment.secret, gate.clock.now()).context("the secret was just made")?;
        let enrolled = sign_in::confirm_enrolment(gate, &session, &code).await?;
        let session = sign_in::session(gate, congress.id, enrolled.token.secret())
            .await?
            .context("the session was just renewed")?;
        sign_in::sign_out(gate, &session).await?;
        Ok(Login {
            role: role.as_str().to_owned(),
            login: role.as_str().to_owned(),
            password: PASSWORD.to_owned(),
            totp_secret: enrolment.secret,
            name: name.to_owned(),
        })
    }
}

struct Seat<'a> {
    congress: CongressId,
    term: TermId,
    constituency: &'a str,
    delegation: Option<OrganId>,
}

/// What kind of place a town of ours is; we name them ourselves.
fn kind_of(town: &str) -> DivisionKind {
    if town.ends_with("街道") {
        DivisionKind::Subdistrict
    } else if town.ends_with('镇') {
        DivisionKind::Town
    } else {
        DivisionKind::Township
    }
}

fn town_code(district: &str, place: usize) -> String {
    format!("{district}{:03}", place + 1)
}

fn signed_in(
    congress: &Congress,
    role: Role,
    account: AccountId,
    (person, deputy, name): (PersonId, Option<DeputyId>, &str),
) -> Actor {
    let congress = congress.id;
    Actor::Account(SignedIn {
        account,
        person,
        congress,
        deputy,
        name: name.to_owned(),
        roles: vec![role],
    })
}

/// The unit of a visit.
#[must_use]
pub fn unit<'a>(city: &'a data::City, dice: &Dice) -> &'a str {
    dice.pick(&city.units.names).map_or("", String::as_str)
}
