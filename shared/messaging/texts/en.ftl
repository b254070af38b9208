# Words of messages in English. Format: Project Fluent. See `ru.ftl`.

date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}

instant = { $date }, { $time }

points-count = { $points_text } { $points ->
    [one] point
   *[other] points
}

tier-ending =
    .title = Your { $tier } status ends soon
    .text = It is good until { $ends_on }. The app shows how little is missing to keep it.{ $grace_days ->
        [0] { "" }
        [one] { " " }If you do not make it, it lasts { $grace_days } day more.
       *[other] { " " }If you do not make it, it lasts { $grace_days } days more.
    }
    .sms = { $brand }: your { $tier } status is good until { $ends_on }.

feedback-request =
    .title = How was it today?
    .text = You were at { $outlet }. One tap tells us what went well and what did not.
    .sms = { $brand }: how was your visit to { $outlet }?

ticket-answer =
    .title = We have answered you
    .text = Your request { $ticket }:
    .sms = { $brand }: an answer to your request.

ticket-closed =
    .title = Your request is closed
    .text = Your request { $ticket } is closed.{ $points ->
        [0] { "" }
       *[other] { " " }We have given you { points-count }.
    } If something is left open, answer in the app and we take it up again.
    .sms = { $brand }: your request is closed.{ $points ->
        [0] { "" }
       *[other] { " " }You have got { points-count }.
    }

points-delayed =
    .title = Your points come a little later
    .text = The points of your last purchase will be there on { $until }. There is nothing for you to do.
    .sms = { $brand }: your points will be there on { $until }.

account-held =
    .title = Spending points is paused
    .text = We have noticed something unusual, and until a person has cleared it up no points can be spent. The points on your account are safe, and what you buy earns as always. If this is a mistake, tell us in the app or to our bot what happened: a person reads it and answers.
    .sms = { $brand }: spending points is paused until we have checked. Your points are safe. A mistake? Tell us in the app.

account-challenged =
    .title = Show the code to pay with points
    .text = { $until ->
        [0] To protect your points
       *[other] To protect your points, until { $until }
    } they are spent at the till only with the code from the app or our bot: the number of the card or the phone is not enough. Open the card there and show the code. Orders in the app and earning points work as always. If somebody else has used your card, tell us in the app or to our bot.
    .sms = { $brand }: to pay with points, show the code from the app or our bot at the till.{ $until ->
        [0] { "" }
       *[other] { " " }Until { $until }.
    }

appeal-decided =
    .title = { $upheld ->
        [yes] Your account works again
       *[no] { $eased ->
            [yes] The restriction is milder now
           *[no] The restriction stays
        }
    }
    .text = { $upheld ->
        [yes] We have checked everything: the restriction is lifted, you can earn and spend points again. Sorry for the trouble.
       *[no] { $eased ->
            [yes] We have checked everything: a part of the restriction is lifted. The app and our bot say what still holds; our support can tell you more.
           *[no] We have checked once more and found no reason to lift the restriction. Our support can tell you more.
        }
    }
    .sms = { $upheld ->
        [yes] { $brand }: the restriction is lifted, your account works again.
       *[no] { $eased ->
            [yes] { $brand }: a part of the restriction of your account is lifted. See the app or our bot.
           *[no] { $brand }: the restriction of your account stays.
        }
    }

award-given =
    .title = An award for you: { points-count }
    .text = { $reason }. The points are on your card.
    .sms = { $brand }: you have got { points-count }. { $reason }.

referral-rewarded =
    .title = A friend came with your invitation
    .text = Thank you! You have got { points-count }.
    .sms = { $brand }: { points-count } for the friend you invited.

birthday-gift =
    .title = Happy birthday!
    .text = We give you { points-count }. Come and see us!
    .sms = { $brand }: happy birthday! { points-count } from us.

order-cancelled =
    .title = Order { $order } was cancelled
    .text = { $reason ->
        [guest] It was cancelled at your request.
        [not_paid] The time to pay ran out.
        [menu_changed] The coffee shop's menu changed while you were ordering.
        [out_of_stock] Something in it is sold out.
        [outlet_closed] The coffee shop takes no orders now.
       *[other] The coffee shop could not make it.
    } { $money ->
        [0] Nothing was charged. If a payment went through at the last moment, it goes back by itself.
       *[other] { $money_text } is on its way back to where it came from, which usually takes some days.
    }{ $points ->
        [0] { "" }
       *[other] { " " }Back on your card: { points-count }.
    }
    .sms = { $brand }: order { $order } was cancelled. { $money ->
        [0] Nothing was charged.
       *[other] { $money_text } is on its way back.
    }{ $points ->
        [0] { "" }
       *[other] { " " }Back on your card: { points-count }.
    }

email-confirm =
    .title = { $brand }: your code
    .text = Enter this code in the app to get mail at this address. It is good for 30 minutes. If you did not ask for it, do nothing.
