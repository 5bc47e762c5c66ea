/* SPDX-License-Identifier: Apache-2.0 */
/* The handshake of amc-v1, both sides attested, with the attacker as the network (Dolev-Yao).
 *
 * Perfect cryptography: hashes and key derivation are injective, an exponent is known or it is not.  A
 * hash over a transcript is the transcript itself, compared member by member.  Two initiator sessions
 * on one TEE, two responder sessions.  What is sent as evidence counts as public.
 *
 * A message that its receiver would refuse is not delivered: a refusal ends a session and tells the
 * attacker nothing.  So every step below is one that the receiver takes, in one of two ways:
 *   forward   the keys of both ends are the same, and the attacker passes on what he cannot read;
 *   attack    the attacker knows the receiver's exchange (an exponent of it is his), and so computes
 *             every key and MAC himself; only evidence and signatures he may lack.
 *
 *   -DBIND=n    what evidence is bound to: 0 the peer's nonce, 1 the maker's ephemeral key (as in
 *               RA-TLS), 2 transcript and shared secret (amc-v1)
 *   -DPARTIAL   the transcript has nonces and ephemeral keys only: no policy, no identity
 *   -DNOMEAS    measurements are not looked at
 *   -DNOROLE    both sides' evidence is bound alike, as to a TLS exporter: no role, one transcript
 *   -DNOFIN     the initiator does not check the last MAC
 *   -DSYM       both sides may have each other's measurement, as replicas do; the second responder
 *               session runs on the initiator's TEE
 *   -DPIN=n     1 the initiator knows whose identity to expect, 2 the responder too; 0 neither
 *   -DBROKEN    the attacker has the keys of another TEE of each measurement: it attests anything
 *   -DIDLEAK    the identity keys are the attacker's, too
 *   -DKEEP      ephemeral keys are not wiped, and so leak with the long-term keys when all is done
 *   -DRESUME    the first initiator has a ticket, once; -DNOPSK: its key is not in the key schedule
 *   -DON=bits   which claims are looked at (see CLAIM)
 *   -DREACH     fails when all four sessions are done: shows that they can be
 */
#ifndef BIND
#define BIND 2
#endif
#ifndef PIN
#define PIN 0
#endif
#ifndef ON
#define ON 255
#endif
#define SECRECY 1    /* no key of a finished session is the attacker's */
#define AGREEMENT 2  /* both ends have the same shares, nonces, identities, policy, evidence, session */
#define INJECTIVE 4  /* and each session of one end belongs to one of the other's */
#define REFLECTION 8 /* evidence made by a responder is never taken for an initiator's */
#define RELAY 16     /* the TEE in the evidence holds the exponent */
#define FRESHNESS 32 /* evidence was made in a session that runs now */
#define DIVERSION 64 /* the TEE is the one that was meant, not another of its measurement */
#define CLAIM(p, holds) assert(!(ON & p) || (holds))

/* Exponents and nonces: an initiator's 1, 2; a responder's 3, 4; the attacker's; one of an earlier
 * boot of the responder, which leaked. */
#define XI(k) (1 + (k))
#define XR(j) (3 + (j))
#define XM 5
#define XOLD 6
/* TEEs, and their identity keys. */
#define TI 1
#define TR 2
#define TM 3  /* the attacker's own, genuine, of another measurement: attests what he likes */
#define TBR 4 /* broken, of the responder's measurement */
#define TBI 5 /* broken, of the initiator's */
/* Where evidence came from: responder sessions 0, 1; initiator sessions 10, 11; an earlier boot; made
 * by one of the attacker's: 20 + TEE. */
#define BY_I(k) (10 + (k))
#define OLD 15
#define FORGED(t) (20 + (t))
#define NONE 99 /* "resumed" */

#ifdef SYM
#define TEE_R(j) ((j) == 1 -> TI : TR)
#define MEAS_R(t) ((t) != TM)
#define MEAS_I(t) ((t) != TM)
#else
#define TEE_R(j) TR
#define MEAS_R(t) ((t) == TR || (t) == TBR)
#define MEAS_I(t) ((t) == TI || (t) == TBI)
#endif
#ifdef NOMEAS
#define OK_R(t) true
#define OK_I(t) true
#else
#define OK_R(t) MEAS_R(t)
#define OK_I(t) MEAS_I(t)
#endif

byte ist[2];                                        /* 0, 1 begun, 2 sent finish, 3 done */
byte in[2], ie[2], iid[2], ipol[2], isrc[2], is[2]; /* what an initiator saw: nonce, share, identity, policy, Er, S */
bool ipsk[2];
byte rst[2];                                 /* 0, 1 answered, 2 accepted */
byte rn[2], re[2], rid[2], ro[2], rsrc[2];   /* what a responder saw: nonce, share, identity, all else in B1, Ei */
bool rt[2], rpsk[2];                         /* a ticket in B1; taken */
bool ticket = true, late = false;
byte k, j, v, w, o, f;

#ifdef KEEP
#define KNOWN(e) ((e) == XM || (e) == XOLD || late)
#else
#define KNOWN(e) ((e) == XM || (e) == XOLD)
#endif
#ifdef NOPSK
#define KNOWN_I(k) KNOWN(ie[k])
#define KNOWN_R(j) KNOWN(re[j])
#else
#define KNOWN_I(k) (KNOWN(ie[k]) && !ipsk[k])
#define KNOWN_R(j) (KNOWN(re[j]) && !rpsk[j])
#endif
#ifdef RESUME
#define TICKET_I(k) ((k) == 0)
#else
#define TICKET_I(k) false
#endif

#define ID_I TI
#define SHARES(k, j) (rn[j] == XI(k) && in[k] == XR(j) && re[j] == XI(k) && ie[k] == XR(j))
#define REST(k, j) (rid[j] == ID_I && ro[j] == 0 && iid[k] == TEE_R(j) && ipol[k] == 0 && rt[j] == TICKET_I(k))
#define FULL1(k, j) (SHARES(k, j) && REST(k, j) && ipsk[k] == rpsk[j])
#ifdef PARTIAL
#define TH1(k, j) (SHARES(k, j) && ipsk[k] == rpsk[j])
#else
#define TH1(k, j) FULL1(k, j)
#endif
#define TH2(k, j) (TH1(k, j) && isrc[k] == (rpsk[j] -> NONE : j))
#define SS(k, j) (ie[k] == XR(j) && re[j] == XI(k))

#if BIND == 0
#define BOUND_R(k, j) (rn[j] == XI(k))
#define BOUND_OLD(k) false
#define BOUND_I(k, j) (in[k] == XR(j))
#elif BIND == 1
#define BOUND_R(k, j) (ie[k] == XR(j))
#define BOUND_OLD(k) (ie[k] == XOLD)
#define BOUND_I(k, j) (re[j] == XI(k))
#else
#define BOUND_R(k, j) (TH1(k, j) && SS(k, j))
#define BOUND_OLD(k) false
#define BOUND_I(k, j) (TH2(k, j) && SS(k, j))
#endif

/* TEE of a piece of evidence; who holds an exponent. */
#define TEE_OF(s) ((s) < 2 -> TEE_R(s) : ((s) < OLD -> TI : ((s) == OLD -> TR : (s) - 20)))
#define HOLDER(e) ((e) <= 2 -> TI : ((e) <= 4 -> TEE_R((e) - 3) : 0))

/* Whether the attacker signs as this identity. */
#ifdef IDLEAK
#define SIGNS(t) true
#elif defined(BROKEN)
#define SIGNS(t) ((t) == TM || (t) == TBR || (t) == TBI)
#else
#define SIGNS(t) ((t) == TM)
#endif
#ifdef BROKEN
#define ATTESTS(t) ((t) == TM || (t) == TBR || (t) == TBI)
#else
#define ATTESTS(t) ((t) == TM)
#endif
#define MEANT_R(t) (PIN < 1 || (t) == TR)
#define MEANT_I(t) (PIN < 2 || (t) == TI)

inline any(x) { if :: x = 0 :: x = 1 fi }
/* A nonce or share that the attacker has: his, or one that was sent. */
inline seen(x)
{
    if
    :: x = XM
    :: x = XOLD
    :: ist[0] > 0 -> x = XI(0)
    :: ist[1] > 0 -> x = XI(1)
    :: rst[0] > 0 -> x = XR(0)
    :: rst[1] > 0 -> x = XR(1)
    fi
}

/* The initiator takes the responder's evidence, and goes on to send its own. */
inline i_takes()
{
    ist[k] = 2;
    CLAIM(RELAY, isrc[k] == NONE || TEE_OF(isrc[k]) == HOLDER(ie[k]));
    CLAIM(FRESHNESS, isrc[k] == NONE || isrc[k] < 2);
    CLAIM(SECRECY, !KNOWN_I(k));
    CLAIM(AGREEMENT, isrc[k] == NONE || (isrc[k] < 2 && FULL1(k, isrc[k])));
    CLAIM(INJECTIVE, isrc[k] == NONE || ist[1 - k] < 2 || isrc[1 - k] != isrc[k]);
    CLAIM(DIVERSION, isrc[k] == NONE || TEE_OF(isrc[k]) == TR)
}

inline r_takes()
{
    rst[j] = 2;
    CLAIM(RELAY, rsrc[j] == NONE || TEE_OF(rsrc[j]) == HOLDER(re[j]));
    CLAIM(FRESHNESS, rsrc[j] == NONE || (rsrc[j] >= BY_I(0) && rsrc[j] <= BY_I(1)));
    CLAIM(REFLECTION, rsrc[j] >= BY_I(0));
    CLAIM(SECRECY, !KNOWN_R(j));
    f = (rsrc[j] == BY_I(1) || (rsrc[j] == NONE && re[j] == XI(1)) -> 1 : 0);
    CLAIM(AGREEMENT, (rsrc[j] == NONE || rsrc[j] == BY_I(f)) && ist[f] >= 2 && FULL1(f, j) && TH2(f, j));
    CLAIM(INJECTIVE, rst[1 - j] < 2 || re[1 - j] != re[j]);
    CLAIM(DIVERSION, rsrc[j] == NONE || TEE_OF(rsrc[j]) == TI);
    f = 0
}

inline i_done()
{
    ist[k] = 3;
    CLAIM(SECRECY, !KNOWN_I(k));
    f = (ie[k] == XR(1) -> 1 : 0);
    CLAIM(AGREEMENT, rst[f] == 2 && FULL1(k, f) && TH2(k, f) && is[k] == 0);
    f = 0
}

active proctype network()
{
    do
    /* An initiator begins. */
    :: atomic { ist[0] == 0 -> ist[0] = 1 }
    :: atomic { ist[0] > 0 && ist[1] == 0 -> ist[1] = 1 }

    /* A responder is given a B1 of the attacker's making, or choice, and answers. */
    :: atomic {
        (rst[0] == 0 || rst[1] == 0) ->
        j = (rst[0] == 0 -> 0 : 1);
        seen(v); rn[j] = v; seen(v); re[j] = v;
        if :: rid[j] = TI :: rid[j] = TM fi;
        any(v); ro[j] = v;
#ifdef RESUME
        any(v); rt[j] = v;
        if :: rt[j] && ticket -> rpsk[j] = true; ticket = false :: else -> skip fi;
#endif
        rst[j] = 1; j = 0; v = 0
      }

    /* The initiator's reply, forwarded: what it saw has the keys of session j. */
    :: atomic {
        any(k); ist[k] == 1 -> any(j); rst[j] > 0 ->
        in[k] = XR(j); ie[k] = XR(j); ipsk[k] = rpsk[j]; isrc[k] = (rpsk[j] -> NONE : j);
        any(v); ipol[k] = v;
        if :: iid[k] = TEE_R(j) :: SIGNS(TM) -> iid[k] = TM fi;
        TH1(k, j) && (rpsk[j] || (BOUND_R(k, j) && OK_R(TEE_R(j)))) && MEANT_R(iid[k]) ->
        i_takes(); k = 0; j = 0; v = 0
      }

    /* The initiator's reply, made by the attacker: with a share of his, evidence and identity as he
     * can get them. */
    :: atomic {
        any(k); ist[k] == 1 ->
        if :: ie[k] = XM :: ie[k] = XOLD fi;
        if :: in[k] = XM :: rst[0] > 0 -> in[k] = XR(0) :: rst[1] > 0 -> in[k] = XR(1) fi;
        if :: iid[k] = TR :: iid[k] = TM :: iid[k] = TBR fi;
        SIGNS(iid[k]) && MEANT_R(iid[k]) ->
        if
        :: rst[0] > 0 && !rpsk[0] && BOUND_R(k, 0) && OK_R(TEE_R(0)) -> isrc[k] = 0
        :: rst[1] > 0 && !rpsk[1] && BOUND_R(k, 1) && OK_R(TEE_R(1)) -> isrc[k] = 1
        :: BOUND_OLD(k) -> isrc[k] = OLD
        :: OK_R(TM) -> isrc[k] = FORGED(TM)
        :: ATTESTS(TBR) && OK_R(TBR) -> isrc[k] = FORGED(TBR)
        :: ATTESTS(TBI) && OK_R(TBI) -> isrc[k] = FORGED(TBI)
#if defined(RESUME) && defined(NOPSK)
        :: TICKET_I(k) -> ipsk[k] = true; isrc[k] = NONE
#endif
        fi;
        i_takes(); k = 0
      }

    /* The responder's finish, forwarded. */
    :: atomic {
        any(k); ist[k] >= 2 -> any(j); rst[j] == 1 && SS(k, j) && TH2(k, j) && ipsk[k] == rpsk[j] ->
        rsrc[j] = (rpsk[j] -> NONE : BY_I(k));
        (rpsk[j] || (BOUND_I(k, j) && OK_I(TI))) && MEANT_I(rid[j]) ->
        r_takes(); k = 0; j = 0
      }

    /* The responder's finish, made by the attacker. */
    :: atomic {
        any(j); rst[j] == 1 && KNOWN_R(j) && SIGNS(rid[j]) && MEANT_I(rid[j]) ->
        if
        :: !rpsk[j] && ist[0] >= 2 && BOUND_I(0, j) && OK_I(TI) -> rsrc[j] = BY_I(0)
        :: !rpsk[j] && ist[1] >= 2 && BOUND_I(1, j) && OK_I(TI) -> rsrc[j] = BY_I(1)
#ifdef NOROLE
        :: OK_I(TEE_R(j)) -> rsrc[j] = j
#endif
        :: OK_I(TM) -> rsrc[j] = FORGED(TM)
        :: ATTESTS(TBI) && OK_I(TBI) -> rsrc[j] = FORGED(TBI)
        :: ATTESTS(TBR) && OK_I(TBR) -> rsrc[j] = FORGED(TBR)
#if defined(RESUME) && defined(NOPSK)
        :: rpsk[j] -> rsrc[j] = NONE
#endif
        fi;
        r_takes(); j = 0
      }

    /* The last reply: the responder's, or made by whoever has the keys. */
    :: atomic {
        any(k); ist[k] == 2 ->
        if
        :: rst[0] == 2 && TH2(k, 0) && SS(k, 0) -> is[k] = 0
        :: rst[1] == 2 && TH2(k, 1) && SS(k, 1) -> is[k] = 0
        :: KNOWN_I(k) -> is[k] = 1
#ifdef NOFIN
        :: is[k] = 1
#endif
        fi;
        i_done(); k = 0
      }

    /* What was finished stays secret after every long-term key is out. */
    :: atomic {
        !late && ist[0] == 3 && ist[1] == 3 && rst[0] == 2 && rst[1] == 2 ->
        late = true;
        CLAIM(SECRECY, !KNOWN(ie[0]) && !KNOWN(ie[1]) && !KNOWN(re[0]) && !KNOWN(re[1]))
      }
    /* Reached: without this a model in which nothing happens would hold. */
#ifdef RESUME
#define ALL_DONE (ist[0] == 3 && ist[1] == 3 && rst[0] == 2 && rst[1] == 2 && ipsk[0])
#elif defined(SYM) && PIN > 0
#define ALL_DONE (ist[0] == 3 && rst[0] == 2) /* the other responder is not the one meant */
#else
#define ALL_DONE (ist[0] == 3 && ist[1] == 3 && rst[0] == 2 && rst[1] == 2)
#endif
#ifdef REACH
    :: atomic { ALL_DONE -> assert(false) }
#endif
    od
}
