/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

enum { DAY_S = 86400, ERA_DAYS = 146097, EPOCH_DAYS = 719468 };

struct civil {
    int64_t year;
    int64_t month; /* 1..12 */
    int64_t day;   /* 1..31 */
};

/* Days since 1970-01-01, in the proleptic Gregorian calendar.  A year is taken to start in March,
 * so that the leap day is its last; an era is 400 years.  Year 0 or later. */
static int64_t
days_of(struct civil c)
{
    const int64_t y = c.month <= 2 ? c.year - 1 : c.year;
    const int64_t era = y / 400;
    const int64_t year_of_era = y - era * 400;
    const int64_t month = (c.month + 9) % 12;
    const int64_t day_of_year = (153 * month + 2) / 5 + c.day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

static struct civil
civil_of(int64_t days)
{
    const int64_t z = days + EPOCH_DAYS;
    const int64_t era = z / ERA_DAYS;
    const int64_t doe = z - era * ERA_DAYS;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t month = (5 * doy + 2) / 153;
    const int64_t year = yoe + era * 400;

    return (struct civil){
        .year = month < 10 ? year : year + 1,
        .month = month < 10 ? month + 3 : month - 9,
        .day = doy - (153 * month + 2) / 5 + 1,
    };
}

static int64_t
month_days(int64_t year, int64_t month)
{
    static const int8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* `n` digits and the character after them; by hand, because every reply and log line has a time. */
static char *
put(char *out, uint64_t v, size_t n, char after)
{
    for (size_t i = n; i > 0; i--) {
        out[i - 1] = (char)('0' + v % 10);
        v /= 10;
    }
    out[n] = after;
    return out + n + 1;
}

void
tsec_rfc3339(int64_t ns, char *out)
{
    const int64_t fraction = (ns % TSEC_NS_PER_S + TSEC_NS_PER_S) % TSEC_NS_PER_S;
    const int64_t secs = ns / TSEC_NS_PER_S - (ns % TSEC_NS_PER_S < 0 ? 1 : 0);
    const uint64_t of_day = (uint64_t)((secs % DAY_S + DAY_S) % DAY_S);
    const struct civil c = civil_of((secs - (int64_t)of_day) / DAY_S);

    if (ns == 0) {
        memcpy(out, "0001-01-01T00:00:00Z", 21);
        return;
    }
    out = put(out, (uint64_t)c.year, 4, '-');
    out = put(out, (uint64_t)c.month, 2, '-');
    out = put(out, (uint64_t)c.day, 2, 'T');
    out = put(out, of_day / 3600, 2, ':');
    out = put(out, of_day / 60 % 60, 2, ':');
    out = put(out, of_day % 60, 2, '.');
    if (fraction != 0) {
        out = put(out, (uint64_t)fraction, 9, '.');
        while (out[-2] == '0') {
            out--;
        }
    }
    out[-1] = 'Z';
    out[0] = '\0';
}

/* Exactly `n` digits off the front. */
static bool
take_number(struct tsec_span *in, size_t n, int64_t *out)
{
    int64_t v = 0;

    if (in->len < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (in->ptr[i] < '0' || in->ptr[i] > '9') {
            return false;
        }
        v = v * 10 + (in->ptr[i] - '0');
    }
    *in = tsec_span(in->ptr + n, in->len - n);
    *out = v;
    return true;
}

/* One byte off the front, in either case of letters. */
static bool
take_char(struct tsec_span *in, char c)
{
    if (in->len == 0 || (in->ptr[0] != (uint8_t)c && in->ptr[0] != ((uint8_t)c | 0x20u))) {
        return false;
    }
    *in = tsec_span(in->ptr + 1, in->len - 1);
    return true;
}

/* ".5" and up to nine digits; nothing is 0. */
static bool
take_fraction(struct tsec_span *in, int64_t *ns)
{
    int64_t unit = TSEC_NS_PER_S / 10;
    int64_t digit = 0;

    *ns = 0;
    if (!take_char(in, '.')) {
        return true;
    }
    if (!take_number(in, 1, &digit)) {
        return false;
    }
    do {
        *ns += digit * unit;
        unit /= 10;
    } while (unit > 0 && take_number(in, 1, &digit));
    return true;
}

/* "Z" or "+01:00", in seconds east. */
static bool
take_zone(struct tsec_span *in, int64_t *east)
{
    int64_t h = 0;
    int64_t m = 0;

    *east = 0;
    if (take_char(in, 'Z')) {
        return true;
    }

    const bool west = in->len > 0 && in->ptr[0] == '-';

    if (in->len == 0 || (!west && in->ptr[0] != '+')) {
        return false;
    }
    *in = tsec_span(in->ptr + 1, in->len - 1);
    if (!take_number(in, 2, &h) || !take_char(in, ':') || !take_number(in, 2, &m) || h > 23
        || m > 59) {
        return false;
    }
    *east = (west ? -60 : 60) * (h * 60 + m);
    return true;
}

static bool
take_date(struct tsec_span *in, struct civil *out)
{
    return take_number(in, 4, &out->year) && take_char(in, '-') && take_number(in, 2, &out->month)
           && take_char(in, '-') && take_number(in, 2, &out->day) && out->year >= 1969
           && out->month >= 1 && out->month <= 12 && out->day >= 1
           && out->day <= month_days(out->year, out->month);
}

/* A leap second (":60") is refused, as Go does: there is no number for it. */
static bool
take_time(struct tsec_span *in, int64_t *secs)
{
    int64_t h = 0;
    int64_t m = 0;
    int64_t s = 0;

    if (!take_number(in, 2, &h) || !take_char(in, ':') || !take_number(in, 2, &m)
        || !take_char(in, ':') || !take_number(in, 2, &s) || h > 23 || m > 59 || s > 59) {
        return false;
    }
    *secs = h * 3600 + m * 60 + s;
    return true;
}

bool
tsec_rfc3339_parse(struct tsec_span text, int64_t *ns)
{
    struct civil date = { 0 };
    int64_t of_day = 0;
    int64_t fraction = 0;
    int64_t east = 0;
    int64_t out = 0;

    if (!take_date(&text, &date) || !take_char(&text, 'T') || !take_time(&text, &of_day)
        || !take_fraction(&text, &fraction) || !take_zone(&text, &east) || text.len != 0) {
        return false;
    }

    const int64_t secs = days_of(date) * DAY_S + of_day - east;

    if (secs < 0 || __builtin_mul_overflow(secs, TSEC_NS_PER_S, &out)
        || __builtin_add_overflow(out, fraction, &out)) {
        return false;
    }
    *ns = out;
    return true;
}
