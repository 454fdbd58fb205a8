/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** A time by the codes of C's {@code strftime}, in the locale "C" as Python starts with. */
final class StrfTime {
  private StrfTime() {}

  static String formatted(LocalDateTime time, String format) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 >= format.length()) {
        out.append(c);
        continue;
      }
      char code = format.charAt(++i);
      boolean bare = code == '-' && i + 1 < format.length();
      if (bare) {
        code = format.charAt(++i);
      }
      String field = field(time, code);
      if (field == null) {
        out.append(bare ? "%-" : "%").append(code);
      } else {
        out.append(bare ? field.replaceFirst("^[0 ]+(?=.)", "") : field);
      }
    }
    return out.toString();
  }

  private static String field(LocalDateTime t, char code) {
    return switch (code) {
      case 'a' -> by(t, "EEE");
      case 'A' -> by(t, "EEEE");
      case 'b', 'h' -> by(t, "MMM");
      case 'B' -> by(t, "MMMM");
      case 'c' -> by(t, "EEE MMM ") + blank(t.getDayOfMonth()) + by(t, " HH:mm:ss yyyy");
      case 'C' -> two(t.getYear() / 100);
      case 'd' -> by(t, "dd");
      case 'D', 'x' -> by(t, "MM/dd/yy");
      case 'e' -> blank(t.getDayOfMonth());
      case 'f' ->
          String.format(Locale.ROOT, "%06d", t.get(java.time.temporal.ChronoField.MICRO_OF_SECOND));
      case 'F' -> by(t, "yyyy-MM-dd");
      case 'G' -> "" + t.get(IsoFields.WEEK_BASED_YEAR);
      case 'g' -> two(t.get(IsoFields.WEEK_BASED_YEAR) % 100);
      case 'H' -> by(t, "HH");
      case 'I' -> by(t, "hh");
      case 'j' -> by(t, "DDD");
      case 'k' -> blank(t.getHour());
      case 'l' -> blank((t.getHour() + 11) % 12 + 1);
      case 'm' -> by(t, "MM");
      case 'M' -> by(t, "mm");
      case 'n' -> "\n";
      case 'p' -> t.getHour() < 12 ? "AM" : "PM";
      case 'P' -> t.getHour() < 12 ? "am" : "pm";
      case 'r' -> by(t, "hh:mm:ss ") + (t.getHour() < 12 ? "AM" : "PM");
      case 'R' -> by(t, "HH:mm");
      case 'S' -> by(t, "ss");
      case 's' -> "" + t.atZone(java.time.ZoneId.systemDefault()).toEpochSecond();
      case 't' -> "\t";
      case 'T', 'X' -> by(t, "HH:mm:ss");
      case 'u' -> "" + t.getDayOfWeek().getValue();
      case 'U' -> two(week(t, 7));
      case 'V' -> two(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'w' -> "" + t.getDayOfWeek().getValue() % 7;
      case 'W' -> two(week(t, 1));
      case 'y' -> by(t, "yy");
      case 'Y' -> "" + t.getYear();
      case 'z', 'Z' -> ""; // the time has no zone
      case '%' -> "%";
      default -> null;
    };
  }

  /** Weeks that began on that day of the week since the year did. */
  private static int week(LocalDateTime t, int firstDay) {
    long day = ChronoUnit.DAYS.between(t.toLocalDate().withDayOfYear(1), t.toLocalDate());
    int since = (t.getDayOfWeek().getValue() - firstDay + 7) % 7;
    return (int) ((day + 7 - since) / 7);
  }

  private static String two(int n) {
    return String.format(Locale.ROOT, "%02d", n);
  }

  private static String blank(int n) {
    return String.format(Locale.ROOT, "%2d", n);
  }

  private static String by(LocalDateTime t, String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(t);
  }
}
