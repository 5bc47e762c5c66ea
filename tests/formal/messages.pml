/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of an open channel: each request is executed at most once, each reply answers its request.
 *
 * The initiator sends N requests in each of two epochs and waits for the replies.  The attacker delivers
 * any of them to the responder any number of times in any order, delays them past a rekey, hands in
 * bytes of his own, and gives the initiator any message back as the reply to any request.  Two workers of
 * the responder open messages at the same time.  Perfect cryptography: what does not authenticate under
 * the epoch, number and direction that it is presented with does not open.
 *
 *   -DNOWINDOW    numbers are not remembered
 *   -DNOATOMIC    looking into the window and marking it are two steps
 *   -DMARKFIRST   a number is marked before the message is authenticated
 *   -DNOEPOCH     the epoch has no part in keys and associated data
 *   -DNOSEQ       a reply does not say which request it answers
 *   -DNODIR       both directions have one key and no label
 *   -DON, -DREACH as in handshake.pml
 */
#ifndef ON
#define ON 255
#endif
#define ONCE 1   /* executed at most once */
#define MATCH 2  /* a reply that is taken was made for this request, and after executing it */
#define SERVED 4 /* a genuine request within the window, not seen before, is not refused */
#define CLAIM(p, holds) assert(!(ON & p) || (holds))

#define N 3                      /* requests of an epoch */
#define W 2                      /* the window */
#define AT(e, s) ((e) * N + (s)) /* s: 0 .. N-1 */

byte sent[2];          /* how many the initiator sent in each epoch */
byte epoch = 0;        /* the initiator's */
byte current = 0;      /* the responder's */
bool old_over = false; /* the epoch before no longer receives */
byte top[2];           /* one past the highest number marked */
bool marked[6];        /* numbers below top - W count as marked */
bool executed[6];      /* and so the reply is out */
#ifdef MARKFIRST
bool opened[6]; /* what truly opened */
byte opened_top[2];
#else
#define opened marked
#define opened_top top
#endif

#define SEEN(e, s) (marked[AT(e, s)] || (s) + W < top[e])

inline mark(e, s)
{
    marked[AT(e, s)] = true;
    if :: (s) + 1 > top[e] -> top[e] = (s) + 1 :: else -> skip fi
}

#ifdef MARKFIRST
inline note_opened(e, s)
{
    opened[AT(e, s)] = true;
    if :: (s) + 1 > opened_top[e] -> opened_top[e] = (s) + 1 :: else -> skip fi
}
#else
#define note_opened(e, s) mark(e, s)
#endif

inline any_message(e, s)
{
    if :: e = 0 :: e = 1 fi;
    if :: s = 0 :: s = 1 :: s = 2 fi
}

proctype worker()
{
    byte e, s, te; /* as presented; te: the epoch it was sent in */
    bool real, seen;
    do
    :: atomic {
        /* A message that was sent, as it was or (NOEPOCH) with another epoch; or the attacker's bytes. */
        any_message(te, s);
        if
        :: s < sent[te] -> real = true; e = te
#ifdef NOEPOCH
        :: s < sent[te] -> real = true; e = 1 - te
#endif
        :: real = false; e = te
        fi;
        (e == current || (e + 1 == current && !old_over)) ->
#ifdef NOWINDOW
        seen = false;
#else
        seen = SEEN(e, s);
#endif
#ifdef MARKFIRST
        if :: !seen -> mark(e, s) :: else -> skip fi;
#endif
#ifdef NOATOMIC
      }
      atomic {
#endif
        if
        :: real && !seen ->
           note_opened(e, s)
        :: real && seen ->
           CLAIM(SERVED, opened[AT(e, s)] || s + W < opened_top[e]);
           real = false
        :: !real -> skip
        fi;
        seen = false;
        if :: !real -> e = 0; s = 0; te = 0 :: else -> skip fi
      }
      if
      :: atomic { real ->
           CLAIM(ONCE, !executed[AT(te, s)]);
           executed[AT(te, s)] = true; e = 0; s = 0; te = 0; real = false }
      :: !real
      fi
    od
}

active proctype initiator()
{
    byte e, s, re, rs;
    bool reply;
    do
    :: atomic { sent[epoch] < N -> sent[epoch]++ }
    /* A rekey: the responder is in the new epoch before its initiator is. */
    :: atomic { epoch == 0 && current == 0 -> current = 1 }
    :: atomic { epoch == 0 && current == 1 -> epoch = 1 }
    :: atomic { current == 1 && !old_over -> old_over = true }
    /* Something comes back for a request that waits: a reply, or (reflected) a request. */
    :: atomic {
        any_message(e, s); s < sent[e] -> any_message(re, rs);
        if
        :: executed[AT(re, rs)] -> reply = true
#ifdef NODIR
        :: rs < sent[re] -> reply = false
#endif
        fi;
#ifndef NOSEQ
        (re == e && rs == s) ->
#endif
        CLAIM(MATCH, reply && re == e && rs == s && executed[AT(e, s)]);
        e = 0; s = 0; re = 0; rs = 0; reply = false
      }
#ifdef REACH
    :: atomic { executed[0] && executed[2] && executed[3] && executed[5] -> assert(false) }
#endif
    od
}

init { atomic { run worker(); run worker() } }
