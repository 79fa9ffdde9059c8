// How the old program's texts are read. Each function names the columns that it looks at, so every mapping
// that has them can use it. What cannot be read throws: that row goes into the quarantine, with the line.

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A date in one of the five styles, as PostgreSQL writes it; null where the old program had none. */
const isoDate = (text: string | null): string | null => {
    const typed = (text ?? '').trim();
    if (typed === '' || typed === '0000-00-00' || typed.toLowerCase() === 'unknown') return null;
    let year = '', month = '', day = '', m: RegExpExecArray | null;
    if ((m = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(typed))) [, month, day, year] = m as unknown as string[];
    else if ((m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(typed))) [, year, month, day] = m as unknown as string[];
    else if ((m = /^(\d{2})\.(\d{2})\.(\d{4})$/.exec(typed))) [, day, month, year] = m as unknown as string[];
    else if ((m = /^(\d{4})(\d{2})(\d{2})$/.exec(typed))) [, year, month, day] = m as unknown as string[];
    else if ((m = /^(\d{2}) ([A-Z][a-z]{2}) (\d{4})$/.exec(typed))) {
        [, day, month, year] = m as unknown as string[];
        month = String(MONTHS.indexOf(month) + 1).padStart(2, '0');
    } else throw new Error(`"${typed}" is no date that anybody here ever typed`);
    const made = new Date(`${year}-${month}-${day}T00:00:00Z`);
    if (Number.isNaN(made.getTime()) || made.getUTCDate() !== Number(day)) throw new Error(`there is no day "${typed}"`);
    return `${year}-${month}-${day}`;
};

/** An amount to the cent, as a text: '$1,250.00', 'USD 95.5'. */
const amount = (text: string | null): string | null => {
    const typed = (text ?? '').replace(/^\s*(\$|USD)?\s*/, '').replace(/,/g, '').trim();
    if (typed === '') return null;
    if (!/^-?\d+(\.\d{1,2})?$/.test(typed)) throw new Error(`"${text}" is no amount`);
    return typed;
};

export const openedOn = (row: { opened: string | null }): string | null => isoDate(row.opened);
export const openedOnAlways = (row: { opened: string | null }): string => {
    const day = isoDate(row.opened);
    if (day === null) throw new Error('a case was opened on some day');
    return day;
};
export const closedOn = (row: { closed: string | null }): string | null => isoDate(row.closed);
export const hiredOn = (row: { hired: string | null }): string | null => isoDate(row.hired);
export const since = (row: { since: string | null }): string | null => isoDate(row.since);
export const bornOn = (row: { born: string | null }): string | null => isoDate(row.born);
export const diedOn = (row: { died: string | null }): string | null => isoDate(row.died);

/** '2024-05-01 13:30' and its kin; without a time of day, noon. */
export const orderedAt = (row: { ordered: string | null }): string => {
    const parts = /^(.*?)(?: (\d{2}:\d{2}))?$/.exec((row.ordered ?? '').trim());
    const day = isoDate(parts?.[1] ?? null);
    if (day === null) throw new Error('an order was made on some day');
    return `${day} ${parts?.[2] ?? '12:00'}:00+00`;
};

export const hourlyRate = (row: { hourly: string | null }): string | null => amount(row.hourly);
export const total = (row: { total: string | null }): string | null => amount(row.total);

export const fullName = (row: { first_name: string | null; last_name: string | null }): string => {
    const name = [row.first_name, row.last_name].map((part) => (part ?? '').trim()).filter(Boolean).join(' ');
    if (name === '') throw new Error('somebody without a name');
    return name;
};

/** The number in a free text, in the form of E.164; ten digits are a number of North America. */
export const phone = (row: { phone: string | null }): string | null => {
    const text = (row.phone ?? '').replace(/ext.*$/, '');
    const digits = text.replace(/\D/g, '');
    if (text.trim().startsWith('+')) return `+${digits}`;
    if (digits.length === 10) return `+1${digits}`;
    return digits.length === 11 && digits.startsWith('1') ? `+${digits}` : null;
};

/** What else stood there. */
export const phoneNote = (row: { phone: string | null }): string | null =>
    (/[A-Za-z]+\.? ?\d*:?$|^[A-Za-z]+:?/.exec((row.phone ?? '').trim())?.[0] ?? '').replace(/:$/, '') || null;

export const address = (row: { address: string | null }): JsonValue => {
    const lines = (row.address ?? '').split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
    const zip = /\b(\d{5})$/.exec(lines[lines.length - 1] ?? '')?.[1] ?? null;
    return { lines, zip };
};

/** Settings were JSON when somebody remembered the closing brace. */
export const settings = (row: { settings: string | null }): JsonValue => {
    const text = (row.settings ?? '').trim();
    if (text === '') return {};
    try {
        return JSON.parse(text);
    } catch {
        return { unreadable: text };
    }
};

/** 'Acme Health; P-1234; 12/2026' */
export const insurance = (row: { insurance: string | null }): JsonValue | null => {
    if (row.insurance === null) return null;
    const [company = '', policy = '', until = ''] = row.insurance.split(';').map((part) => part.trim());
    if (policy === '') return { company };
    const [month = '', year = ''] = until.split('/');
    return { company, policy, valid_until: `${year}-${month}` };
};

export const kind = (row: { kind: string | null }): 'lab' | 'imaging' | 'prescription' => {
    switch ((row.kind ?? '').trim().toUpperCase()) {
    case 'LAB':
        return 'lab';
    case 'X-RAY':
    case 'XRAY':
    case 'MRI':
        return 'imaging';
    case 'RX':
        return 'prescription';
    default:
        throw new Error(`nobody knows what an order of "${row.kind}" is`);
    }
};

/** 'CBC x1; GLU x2' */
export const items = (row: { items: string | null }): JsonValue =>
    (row.items ?? '').split(';').map((item) => item.trim()).filter(Boolean).map((item) => {
        const counted = /^(.*) x(\d+)$/.exec(item);
        return counted ? { name: counted[1] ?? '', count: Number(counted[2]) } : { name: item, count: 1 };
    });

/** '12 KB', '1.5 MB', '900' */
export const sizeBytes = (row: { size: string | null }): bigint => {
    const m = /^(\d+)(?:\.(\d))?\s*(KB|MB)?$/.exec((row.size ?? '').trim());
    if (!m) throw new Error(`"${row.size}" is no size`);
    const tenths = BigInt(m[1] ?? '0') * 10n + BigInt(m[2] ?? '0');
    return (tenths * (m[3] === 'MB' ? 1048576n : m[3] === 'KB' ? 1024n : 1n)) / 10n;
};

export const headers = (row: { headers: string | null }): JsonValue => {
    const found: { [name: string]: string } = {};
    for (const line of (row.headers ?? '').split('\n')) {
        const at = line.indexOf(':');
        if (at > 0) found[line.slice(0, at).trim()] = line.slice(at + 1).trim();
    }
    return found;
};
