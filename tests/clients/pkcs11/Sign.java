/* SPDX-License-Identifier: Apache-2.0 */
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;

/** Sign CONFIGURATION [PIN]: signs with the keys of a token, and verifies with Java's own provider. */
public class Sign {
    private static final String[][] WAYS = {
        { "java-p256", "SHA256withECDSA" },
        { "java-p256", "SHA512withECDSA" },
        { "java-p256", "NONEwithECDSA" },
        { "java-rsa", "SHA256withRSA" },
        { "java-rsa", "SHA512withRSA" },
    };

    public static void main(String[] args) throws Exception {
        Provider token = Security.getProvider("SunPKCS11").configure(args[0]);
        KeyStore store = KeyStore.getInstance("PKCS11", token);
        byte[] data = "thirty-two bytes, as a digest is".getBytes();

        store.load(null, args.length > 1 ? args[1].toCharArray() : null);
        for (String[] way : WAYS) {
            Signature signer = Signature.getInstance(way[1], token);
            Signature verifier = Signature.getInstance(way[1]);

            signer.initSign((PrivateKey) store.getKey(way[0], null));
            signer.update(data);
            verifier.initVerify(store.getCertificate(way[0]).getPublicKey());
            verifier.update(data);
            System.out.println(way[0] + " " + way[1] + " " + verifier.verify(signer.sign()));
        }
    }
}
