-- Feedback, second part: streaks that are fixed when an answer is given, tickets that can be followed, sealed lessons.

-- The answer's place among the guest's answers in a row: since a question of theirs last ran out unanswered, this one
-- included. Fixed with the answer: however late it plays, it wins what it was worth then, and no two answers have one place.
alter table feedback_answers add column streak integer not null default 1 check (streak > 0);
update feedback_answers set streak = (select count(*) from feedback_answers e where e.member_id = feedback_answers.member_id
    and (e.answered_at < feedback_answers.answered_at
        or (e.answered_at = feedback_answers.answered_at and e.request_id <= feedback_answers.request_id))
    and e.answered_at >= coalesce((select max(q.until_at) from feedback_requests q where q.member_id = feedback_answers.member_id
        and q.asked_at is not null and q.status = 'asked' and q.until_at <= feedback_answers.answered_at), 0));
drop trigger feedback_answers_fixed;
create trigger feedback_answers_fixed before update of request_id, member_id, outlet_id, staff_code, business_date, hour, stars, nps, answered_at, streak on feedback_answers begin select raise(abort, 'feedback: answers are immutable'); end;

drop trigger tickets_closed;
-- Counts what happens to tickets, all of them together: whoever has seen up to a number asks for what is above it. Given
-- within the turn to write, so a number that is seen has all lower ones before it. 0: nothing happened since it was counted.
alter table tickets add column changed integer not null default 0;
update tickets set changed = id;
create unique index tickets_by_change on tickets (changed) where changed > 0;
-- It was closed after its time, once at least: reopening gives more time, and no pardon.
alter table tickets add column late integer not null default 0 check (late in (0, 1));
update tickets set late = 1 where closed_at > close_due_at;
-- What was changed, encrypted as all words about a guest's ticket, and cleared with them. `lesson` has what was written before
-- and is only ever cleared.
alter table tickets add column lesson_sealed blob;

create trigger tickets_closed before update of state, desk, assignee, close_due_at, first_answered_at, closed_at, outcome, changed_process, reopened, compensated, late on tickets when old.state = 'closed' and new.state = 'closed' begin select raise(abort, 'tickets: reopen it first'); end;
create trigger tickets_words before update of lesson, lesson_sealed on tickets when new.lesson is not null or (old.state = 'closed' and new.lesson_sealed is not null) begin select raise(abort, 'tickets: words of a closed ticket are only ever cleared'); end;
