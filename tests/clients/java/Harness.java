// SPDX-License-Identifier: GPL-2.0

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** What the programs here share. They are called with MODE PORT PROTOCOL NAME... */
final class Harness {
    /** Makes a check; what it returns, if anything, is why the library cannot. */
    interface Checks {
        String make(String name) throws Exception;
    }

    private Harness() {
    }

    /** The ports of the cluster's nodes. */
    static Set<String> nodes() {
        return Set.of(System.getenv("NODES").split(" "));
    }

    static void expect(String what, Object found, Object wanted) {
        if (!Objects.deepEquals(found, wanted))
            throw new AssertionError(what + ": " + cut(found) + " instead of " + cut(wanted));
    }

    private static String cut(Object value) {
        String text = String.valueOf(value);
        return text.substring(0, Math.min(200, text.length()));
    }

    /** The call throws just that class, and the message has the text. */
    static void fails(Class<? extends Exception> type, String text, Callable<?> call) {
        try {
            call.call();
        } catch (Exception error) {
            expect("class of the error", error.getClass(), type);
            if (!error.getMessage().contains(text))
                throw new AssertionError("not about " + text + ": " + error.getMessage());
            return;
        }
        throw new AssertionError("no error about " + text);
    }

    /** PREFIX0: "0", PREFIX1: "1", ... */
    static Map<String, String> numbered(String prefix, int count) {
        Map<String, String> found = new TreeMap<>();
        for (int i = 0; i < count; i++)
            found.put(prefix + i, String.valueOf(i));
        return found;
    }

    static byte[] large() {
        byte[] value = new byte[1 << 20];
        for (int i = 0; i < value.length; i++)
            value[i] = (byte) i;
        return value;
    }

    /** Makes the checks that the command line names. */
    static void main(String[] words, Checks checks) {
        for (int i = 3; i < words.length; i++) {
            try {
                String reason = checks.make(words[i]);
                System.out.println(reason == null ? "ok " + words[i]
                    : "skip " + words[i] + ": " + reason);
            } catch (Exception | AssertionError error) {
                System.out.println("not ok " + words[i] + ": "
                    + error.toString().replaceAll("\\s+", " "));
                error.printStackTrace();
            }
        }
        System.exit(0);
    }
}
