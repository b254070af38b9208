# Words of messages in Russian. Format: Project Fluent. Every topic has a title, a text and, unless it only goes to a
# mailbox, a text for a short message. `src/words.rs` says which values there are.

date = { $day } { $month ->
    [1] января
    [2] февраля
    [3] марта
    [4] апреля
    [5] мая
    [6] июня
    [7] июля
    [8] августа
    [9] сентября
    [10] октября
    [11] ноября
   *[12] декабря
}

instant = { $date }, { $time }

points-count = { $points_text } { $points ->
    [one] балл
    [few] балла
    [many] баллов
   *[other] балла
}

tier-ending =
    .title = Статус «{ $tier }» скоро закончится
    .text = Он действует до { $ends_on }. Сколько осталось, чтобы его сохранить, видно в приложении.{ $grace_days ->
        [0] { "" }
        [one] { " " }Если не успеете, он продержится ещё { $grace_days } день.
        [few] { " " }Если не успеете, он продержится ещё { $grace_days } дня.
       *[many] { " " }Если не успеете, он продержится ещё { $grace_days } дней.
    }
    .sms = { $brand }: статус «{ $tier }» действует до { $ends_on }.

feedback-request =
    .title = Как вам сегодня?
    .text = Вы были в { $outlet }. Одно касание — и мы узнаем, что получилось, а что нет.
    .sms = { $brand }: оцените визит в { $outlet }.

ticket-answer =
    .title = Мы ответили на ваше обращение
    .text = Обращение { $ticket }:
    .sms = { $brand }: ответ на обращение.

ticket-closed =
    .title = Ваше обращение закрыто
    .text = Обращение { $ticket } закрыто.{ $points ->
        [0] { "" }
       *[other] { " " }Мы начислили вам { points-count }.
    } Если вопрос остался, ответьте на него в приложении — мы откроем обращение снова.
    .sms = { $brand }: обращение закрыто.{ $points ->
        [0] { "" }
       *[other] { " " }Вам начислено { points-count }.
    }

points-delayed =
    .title = Баллы придут чуть позже
    .text = Баллы за последнюю покупку станут доступны { $until }. Делать ничего не нужно.
    .sms = { $brand }: баллы будут доступны { $until }.

account-held =
    .title = Списание баллов приостановлено
    .text = Мы заметили необычные операции, их проверяет сотрудник. Баллы на счёте сохраняются. Если это ошибка, напишите нам — разберёмся.
    .sms = { $brand }: списание баллов приостановлено до проверки. Баллы сохраняются.

appeal-decided =
    .title = { $upheld ->
        [yes] Счёт снова работает
       *[no] Ограничение остаётся в силе
    }
    .text = { $upheld ->
        [yes] Мы всё проверили: ограничение снято, баллы снова можно копить и тратить. Извините за неудобства.
       *[no] Мы проверили операции ещё раз и не нашли причин снять ограничение. Подробности расскажет служба поддержки.
    }
    .sms = { $upheld ->
        [yes] { $brand }: ограничение снято, счёт снова работает.
       *[no] { $brand }: ограничение счёта остаётся в силе.
    }

award-given =
    .title = Вам награда: { points-count }
    .text = { $reason }. Баллы уже на карте.
    .sms = { $brand }: вам начислено { points-count }. { $reason }.

referral-rewarded =
    .title = Друг пришёл по вашему приглашению
    .text = Спасибо! Вам начислено { points-count }.
    .sms = { $brand }: за приглашённого друга начислено { points-count }.

birthday-gift =
    .title = С днём рождения!
    .text = Дарим вам { points-count }. Заходите в гости!
    .sms = { $brand }: с днём рождения! Дарим { points-count }.

email-confirm =
    .title = { $brand }: код подтверждения
    .text = Введите этот код в приложении, чтобы получать письма на этот адрес. Код действует 30 минут. Если вы его не просили, ничего не делайте.
