//! The shortest way from one sequence to another, with a bound on the work.

/// One step along both sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Keep,
    Delete,
    Insert,
}

/// Myers, "An O(ND) Difference Algorithm" (1986), greedy, giving up after `most` edits.
pub(super) fn shortest<T: PartialEq>(old: &[T], new: &[T], most: usize) -> Option<Vec<Step>> {
    let most = most.min(old.len() + new.len());
    let zero = most + 2;
    let mut reach = vec![0usize; 2 * most + 5];
    let mut trace = Vec::new();
    for edits in 0..=most {
        // Diagonals edits+1 on both sides are read below; each snapshot keeps just those.
        trace.push(reach[zero - edits - 1..=zero + edits + 1].to_vec());
        for slot in (zero - edits..=zero + edits).step_by(2) {
            let down =
                slot == zero - edits || (slot != zero + edits && reach[slot - 1] < reach[slot + 1]);
            let mut x = if down {
                reach[slot + 1]
            } else {
                reach[slot - 1] + 1
            };
            if x > old.len() || x + zero < slot {
                reach[slot] = x;
                continue;
            }
            let mut y = x + zero - slot;
            while x < old.len() && y < new.len() && old[x] == new[y] {
                x += 1;
                y += 1;
            }
            reach[slot] = x;
            if x >= old.len() && y >= new.len() {
                return Some(walk_back(&trace, old.len(), new.len()));
            }
        }
    }
    None
}

fn walk_back(trace: &[Vec<usize>], mut x: usize, mut y: usize) -> Vec<Step> {
    let mut steps = Vec::with_capacity(x + y);
    for (edits, reach) in trace.iter().enumerate().skip(1).rev() {
        // Slot of diagonal x - y in a snapshot whose middle is edits + 1.
        let slot = edits + 1 + x - y;
        let down = slot == 1 || (slot != 2 * edits + 1 && reach[slot - 1] < reach[slot + 1]);
        let (before_x, before_slot) = if down {
            (reach[slot + 1], slot + 1)
        } else {
            (reach[slot - 1], slot - 1)
        };
        let before_y = before_x + edits + 1 - before_slot;
        while x > before_x && y > before_y {
            steps.push(Step::Keep);
            x -= 1;
            y -= 1;
        }
        steps.push(if down { Step::Insert } else { Step::Delete });
        (x, y) = (before_x, before_y);
    }
    steps.extend(std::iter::repeat_n(Step::Keep, x));
    steps.reverse();
    steps
}
