// LoadPage.
export default function LoadPage() { return <main className="page" />; }
