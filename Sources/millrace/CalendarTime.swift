import RecordBatch

/// A point in time as people write it, in the form of ISO 8601 that RFC 3339 and most tools use.
///
/// ```
/// 2026-03-01                     midnight, UTC
/// 2026-03-01T12:30Z
/// 2026-03-01T12:30:05.250+02:00
/// 2026-03-01 12:30:05            UTC, since it names no other zone
/// ```
enum CalendarTime {
    /// Parses one of the forms above; `nil` if the text is none, or names a day or an hour that does not exist.
    static func timestamp(_ text: some StringProtocol) -> Timestamp? {
        var scanner = Scanner(Array(text.utf8))
        guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2), scanner.skip("-"),
            let day = scanner.digits(2), (1...12).contains(month), (1...days(in: month, of: year)).contains(day)
        else { return nil }
        var milliseconds = daysSince1970(year, month, day) * 86_400_000
        if !scanner.isAtEnd {
            guard scanner.skip("T") || scanner.skip(" "), let time = scanner.timeOfDay(), let zone = scanner.zone(),
                scanner.isAtEnd
            else { return nil }
            milliseconds += time - zone
        }
        return Timestamp(Int64(milliseconds))
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Years are counted from March, so that the leap day is a year's last, and in periods of 400, which have 146,097
    /// days.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        // 719,468 days lie between 1 March of the year 0 and 1 January 1970.
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
            - (shifted < 0 ? 1 : 0)
    }

    private struct Scanner {
        private let text: [UInt8]
        private var position = 0

        init(_ text: [UInt8]) { self.text = text }

        var isAtEnd: Bool { position == text.count }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        /// Exactly so many digits, as a number.
        mutating func digits(_ count: Int) -> Int? {
            guard text.count - position >= count else { return nil }
            var value = 0
            for byte in text[position..<position + count] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            position += count
            return value
        }

        /// Milliseconds since midnight.
        mutating func timeOfDay() -> Int? {
            guard let hour = digits(2), hour < 24, skip(":"), let minute = digits(2), minute < 60 else { return nil }
            var milliseconds = (hour * 60 + minute) * 60_000
            guard skip(":") else { return milliseconds }
            // 60 is a leap second, which Unix time counts as the first of the next minute.
            guard let second = digits(2), second <= 60 else { return nil }
            milliseconds += second * 1000
            guard skip(".") else { return milliseconds }
            guard let first = digits(1) else { return nil }
            milliseconds += first * 100
            for weight in [10, 1] {
                guard let digit = digits(1) else { return milliseconds }
                milliseconds += digit * weight
            }
            // Finer than a timestamp can be.
            while digits(1) != nil {}
            return milliseconds
        }

        /// Milliseconds that the zone's clocks are ahead of UTC; 0 where none is named.
        mutating func zone() -> Int? {
            if isAtEnd || skip("Z") { return 0 }
            let sign = skip("+") ? 1 : skip("-") ? -1 : 0
            guard sign != 0, let hours = digits(2), hours < 24 else { return nil }
            _ = skip(":")
            guard let minutes = digits(2), minutes < 60 else { return nil }
            return sign * (hours * 60 + minutes) * 60_000
        }
    }
}
