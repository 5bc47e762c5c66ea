/* SPDX-License-Identifier: Apache-2.0 */
/* Rekey and re-attestation of amc-v1: from an epoch whose secret may have leaked, to the next.
 *
 * Both ends share master_0.  The attacker is the network; with -DLEAK he has master_0 and so reads,
 * changes and makes every message of epoch 0, and may rekey with each end by himself.  Each end rekeys
 * once.  Pruned as handshake.pml is: what its receiver would refuse is not delivered.
 *
 *   -DLEAK        master_0 is known before the rekey
 *   -DPASSIVE     and yet the attacker only listens
 *   -DNOREATTEST  no evidence in the rekey
 *   -DNOEXPORTER  the new evidence is bound to the ephemeral shares' nonces only, not to the new keys
 *   -DNOROLE      its binding has no role
 *   -DNOBASE      master_1 does not follow from the new exchange (a hash of master_0: a ratchet alone)
 *   -DSYM         either side's measurement is allowed on both
 *   -DON, -DREACH as in handshake.pml
 */
#ifndef ON
#define ON 255
#endif
#define SECRECY 1    /* no key of an epoch that both evidences cover is the attacker's */
#define AGREEMENT 2  /* both ends rekeyed with each other */
#define REFLECTION 8 /* the responder's evidence is not taken for the initiator's */
#define CLAIM(p, holds) assert(!(ON & p) || (holds))

/* Shares: the initiator's, the responder's, the attacker's. */
#define SI 1
#define SR 2
#define SM 3
/* Who made the evidence.  The attacker's own TEE is of another measurement, and never taken. */
#define BY_I 1
#define BY_R 2

#ifdef LEAK
#define LEAKED true
#else
#define LEAKED false
#endif
#ifdef PASSIVE
#define ACTIVE false
#else
#define ACTIVE LEAKED
#endif
#ifdef SYM
#define MAY_BE_I(e) true
#else
#define MAY_BE_I(e) ((e) == BY_I)
#endif

byte ist, rst;       /* 0; 1 R1 sent (answered); 2 next epoch, other end's evidence taken */
byte ipeer, rpeer;   /* the share each saw */
byte iproof, rproof; /* whose evidence each took */
bool told = false;   /* the responder's evidence exists */

/* Master_1 known: master_0, and an exponent of the exchange (or the ratchet alone). */
#ifdef NOBASE
#define KNOWN(peer) LEAKED
#else
#define KNOWN(peer) (LEAKED && (peer) == SM)
#endif
#define SAME (ipeer == SR && rpeer == SI)

#ifdef NOEXPORTER
#define BINDS_R true /* the nonces are passed on as they are */
#define BINDS_I (ist == 2)
#else
#define BINDS_R SAME
#define BINDS_I (SAME && ist == 2)
#endif

active proctype network()
{
    do
    /* inner POST rekey: R1, under epoch 0's key. */
    :: atomic { ist == 0 -> ist = 1 }
    :: atomic {
        rst == 0 ->
        if
        :: ist >= 1 -> rpeer = SI
        :: ACTIVE -> rpeer = SM
        fi;
        rst = 1; told = true
      }
    /* R2 and Er', under epoch 0's key too. */
    :: atomic {
        ist == 1 ->
        if
        :: rst >= 1 && rpeer == SI -> ipeer = SR; iproof = BY_R
        :: ACTIVE -> ipeer = SM;
           if
#ifdef NOREATTEST
           :: iproof = 0
#endif
           :: told && BINDS_R -> iproof = BY_R
           fi
        fi;
        ist = 2;
        CLAIM(SECRECY, !KNOWN(ipeer));
        CLAIM(AGREEMENT, rst >= 1 && SAME)
      }
    /* inner POST reattest: Ei', the first message under the new key. */
    :: atomic {
        rst == 1 ->
        if
        :: ist == 2 && SAME -> rproof = BY_I
        :: KNOWN(rpeer) ->
           if
#ifdef NOREATTEST
           :: rproof = 0
#endif
           :: BINDS_I && MAY_BE_I(BY_I) -> rproof = BY_I
#ifdef NOROLE
           :: MAY_BE_I(BY_R) -> rproof = BY_R /* the responder's own, given back */
#endif
           fi
        fi;
        rst = 2;
        CLAIM(SECRECY, !KNOWN(rpeer));
        CLAIM(REFLECTION, rproof != BY_R);
        CLAIM(AGREEMENT, ist == 2 && SAME)
      }
#ifdef REACH
    :: atomic { ist == 2 && rst == 2 -> assert(false) }
#endif
    od
}
