import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Does what its payload says; see ../script.ts. */
public class Handler implements RequestHandler<Map<String, Object>, Object> {
  @Override
  @SuppressWarnings("unchecked")
  public Object handleRequest(Map<String, Object> script, Context context) {
    if (script == null) {
      return null;
    }
    try {
      for (Map<String, Object> step : (List<Map<String, Object>>) script.getOrDefault("write", List.of())) {
        write(step, context);
      }
      if (script.get("lines") != null) {
        writeLines((Map<String, Object>) script.get("lines"));
      }
      Thread.sleep(number(script.get("sleepMs")));
      if (script.get("fail") != null) {
        fail((String) script.get("fail"));
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return script.get("return");
  }

  private static void write(Map<String, Object> step, Context context) throws IOException {
    String text = (String) step.get("text");
    boolean stderr = "stderr".equals(step.get("stream"));
    if ("raw".equals(step.get("via"))) {
      writeAll(stderr ? FileDescriptor.err : FileDescriptor.out, text);
    } else if ("logger".equals(step.get("via"))) {
      context.getLogger().log(text + "\n");
    } else {
      (stderr ? System.err : System.out).println(text);
    }
  }

  private static void writeLines(Map<String, Object> series) throws IOException {
    String prefix = (String) series.getOrDefault("prefix", "line");
    int bytes = (int) number(series.get("bytes"));
    StringBuilder all = new StringBuilder();
    for (int index = 0; index < number(series.get("count")); index++) {
      String line = prefix + " " + index + " ";
      all.append(line).append("x".repeat(Math.max(0, bytes - line.getBytes(StandardCharsets.UTF_8).length))).append('\n');
    }
    writeAll(FileDescriptor.out, all.toString());
  }

  private static void fail(String how) throws InterruptedException {
    switch (how) {
      case "exception":
        throw new IllegalArgumentException("the script wants an exception");
      case "exit":
        Runtime.getRuntime().halt(1);
        break;
      case "kill":
      case "oom":
        byte[] taken = new byte["oom".equals(how) ? 64 << 20 : 1];
        java.util.Arrays.fill(taken, (byte) 1);
        kill();
        break;
      default:
    }
    Thread.sleep(Long.MAX_VALUE);
  }

  private static void kill() {
    try {
      new ProcessBuilder("/bin/sh", "-c", "kill -9 " + ProcessHandle.current().pid()).start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void writeAll(FileDescriptor descriptor, String text) throws IOException {
    // Not closed: the descriptor belongs to the process.
    new FileOutputStream(descriptor).write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static long number(Object value) {
    return value == null ? 0 : ((Number) value).longValue();
  }
}
