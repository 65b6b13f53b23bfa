"""The word lists the rules of this room share: titles, heads of names, and words that only look like names."""


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list written as one text."""
    return frozenset(text.split())


HONORIFICS = word_set(
    "mr mrs ms miss mx sir dame lord lady baroness dr prof professor madam monsieur herr shri smt sri"
)

# Titles and offices that stand before a name; the values unify spellings.
TITLES: dict[str, str] = (
    {
        word: word
        for word in word_set(
            "president premier chancellor minister secretary undersecretary ambassador envoy governor senator representative congressman congresswoman mayor "
            "general admiral colonel major captain lieutenant sergeant corporal brigadier marshal commander commodore private "
            "judge justice magistrate king queen prince princess sheikh emir sultan pope cardinal bishop archbishop rabbi imam ayatollah "
            "mullah maulana mawlawi maulvi mufti negotiator skipper director-general chief director chairman chairwoman chair speaker spokesman spokeswoman spokesperson officer detective "
            "sheriff commissioner inspector superintendent deputy vice attorney leader counselor adviser advisor coach pastor reverend "
            "father brother sister constable councillor councilman councilwoman lawmaker assemblyman assemblywoman delegate whip analyst "
            "correspondent journalist reporter editor author activist economist strategist publicist dissident candidate nominee ceo cfo "
            "treasurer ombudsman surgeon prosecutor counsel czar coordinator administrator manager founder crown prime first lady consul "
            "republican democrat comrade chargé trooper agent pilot singer actor actress"
        )
    }
    | {
        word + "s": word
        for word in word_set(
            "president minister senator representative general judge justice ambassador governor mayor king officer detective"
        )
    }
    | {
        "ranger": "ranger",
        "apostle": "apostle",
        "host": "host",
        "pres": "president",
        "sen": "senator",
        "sens": "senator",
        "rep": "representative",
        "reps": "representative",
        "gov": "governor",
        "gen": "general",
        "adm": "admiral",
        "col": "colonel",
        "maj": "major",
        "capt": "captain",
        "cpt": "captain",
        "lt": "lieutenant",
        "sgt": "sergeant",
        "cpl": "corporal",
        "pvt": "private",
        "brig": "brigadier",
        "cmdr": "commander",
        "rev": "reverend",
        "fr": "father",
        "amb": "ambassador",
        "spc": "specialist",
        "supt": "superintendent",
        "det": "detective",
        "elect": "elect",
        "sheik": "sheikh",
        "shaikh": "sheikh",
        "pm": "minister",
        "fm": "minister",
        "dcm": "deputy",
    }
)
# Words inside a compound title ("Secretary of State", "National Security Adviser", "Foreign Minister").
TITLE_PARTS = word_set(
    "of state foreign defense defence interior finance home health energy justice trade information national security affairs political "
    "former ex ex- then acting interim deputy vice under assistant senior special army navy police prime chief executive general attorney "
    "majority minority house senate supreme court opposition party external economic justice treasury education staff federal press "
    "human rights peace retired late lead top state and the for"
)

# The last word of an organisation's name, and what kind of actor it makes.
ORG_HEADS: dict[str, str] = {}
for _kind, _words in {
    "government_body": "ministry department agency bureau commission authority council administration parliament assembly senate congress "
    "court tribunal embassy consulate office secretariat directorate cabinet treasury police inspectorate legislature knesset "
    "municipality committee taskforce service",
    "military": "army navy airforce command corps battalion brigade regiment division forces guard guards militia fleet headquarters squadron",
    "party": "party",
    "company": "inc corp corporation company co ltd llc plc group holdings bank airlines airways motors industries technologies systems "
    "pharmaceuticals insurance partners capital energy petroleum semiconductors freight logistics shipping bancorp pharma biotech mining aviation operators terminals securities electric steel telecom communications ventures enterprises laboratories labs "
    "gmbh ag sa railways shipping foods brands studios entertainment pictures records exchange",
    "other_org": "university college institute institution school academy foundation association federation union league society organization "
    "organisation network alliance coalition center centre club church movement front fund trust board hospital museum observatory "
    "initiative project campaign synod diocese confederation chamber conference team united fc brotherhood watch international caucus library forum taskforce commons",
    "armed_group": "brigades martyrs cartel mujahideen",
}.items():
    for _word in _words.split():
        ORG_HEADS[_word] = _kind
# Last words of names of companies that are ordinary nouns too; they speak only where a tagger saw one name of several words.
COMPANY_NOUNS = word_set(
    "aerospace appliances asset autos beverages biosciences biotechnologies breweries brewing bricks builders buses carriers cars cement "
    "chemical chemicals chips clothing coal confectionery construction consultants consulting containers cosmetics cruises dairies dairy designs "
    "devices diagnostics distillers distribution dynamics electronics engineering engines equipment fabrics farms fashion ferries "
    "fertilisers fertilizers films fisheries footwear furniture garments genetics gold grocers haulage health hotels instruments "
    "investments jewellers labs leasing lines machinery marine maritime materials medical metals minerals "
    "offshore optics outfitters packaging paints pharmacies platforms plastics ports printing produce products "
    "promotions properties publishing rail realty recycling refineries refining renewables resorts resources retail robotics salvage "
    "seafoods semiconductor services software solar solutions stores supermarkets supplies surgical tankers textiles "
    "therapeutics timber tobacco tools tours towage toys trading transit transport trucking tyres utilities warehousing waste wines wireless"
)
# Nouns that, before a name, say what kind of body it is ("the Dutch union FNV").
KIND_NOUNS: dict[str, str] = (
    dict.fromkeys(
        word_set(
            "company bank airline carmaker automaker chipmaker shipbuilder insurer retailer refiner operator line firm conglomerate"
        ),
        "company",
    )
    | dict.fromkeys(word_set("union federation group charity organisation organization association"), "other_org")
    | {"party": "party"}
)
# Nouns that, behind an acronym, say that it is a body: its kind, or who speaks for it.
SPEAKING_NOUNS: dict[str, str] = dict.fromkeys(
    word_set("union negotiator negotiators spokesman spokeswoman spokesperson"), "other_org"
) | {"party": "party"}
# Heads that make an organisation only with a name before or behind them that the tagger also saw as one.
WEAK_HEADS = word_set(
    "office service group front union league center centre team united international watch initiative project campaign energy capital systems "
    "conference board fund trust network club division command partners guard forces exchange church police court school library exchange "
    "records pictures cabinet council assembly senate congress administration co sa ag committee"
)
# Heads of names that are not actors: texts, deals, events, things.
NON_ACTOR_HEADS = word_set(
    "agreement treaty act pact accord accords memorandum deal bill law laws protocol convention ecosystem summit festival cup olympics games war wars "
    "day days week month year award awards prize plan program programme operation amendment constitution resolution visa code order report "
    "study index survey poll charter declaration doctrine strategy scheme policy election elections primary referendum debate "
    "game series season championship tournament open crisis pandemic virus disease syndrome hurricane storm revolution uprising spring "
    "massacre attack attacks bombing shooting trial case affair scandal medal anniversary holiday assessment assessments eve christmas ramadan easter thanksgiving "
    "street avenue road highway bridge square park airport station river lake mountain island islands bay sea ocean coast desert valley "
    "province district county state city town village airport hotel tower building hall stadium arena plaza beach border wall "
    "bible koran quran testament book novel film movie song album show fund-raiser question questions age era century anthem flag "
    "monument memorial cathedral mosque temple palace prize medal statement manifesto time hemisphere ii iii iv standard standards dollar rate tax"
)

# Those of them that end names of places, and words of the compass, which are none by themselves.
PLACE_HEADS = word_set(
    "street avenue road highway bridge square park airport station river lake mountain island islands bay sea ocean coast desert valley "
    "province district county state city town village hotel tower building hall stadium arena plaza beach border wall "
    "monument memorial cathedral mosque temple palace"
)
COMPASS = word_set("north south east west northeast northwest southeast southwest midwest")

# Words that begin sentences or headlines with a capital and are never a name by themselves.
STARTERS = word_set(
    "a about above according across actually add added adding additionally after again against ahead all allowing almost along already also "
    "although always amid among an and another any anyone anything apart are around as aside ask asked asking at away back based be because "
    "become been before behind being below beneath beside besides between beyond both but by call called calling can certainly citing claiming "
    "clearly come coming compared concerning considering consider could critics currently days depending described despite did do does doing "
    "don done down due during each earlier early either else elsewhere enter even eventually ever every everybody everyone everything ex except "
    "experts far few fewer finally first firstly five following follow for former formerly four frankly from further furthermore gay get "
    "getting give given gives giving go going gone good got had half has have having he hello hence her here hers herself high him himself his "
    "historically hopefully how however hundreds i if imagine immediately important in indeed initially inside instead into investigators is isn "
    "it its itself join just keep known lacking last late later lawmakers least left less let like likewise little local long look looking lots "
    "made make makes making many may maybe me mean meanwhile might millions more moreover most mostly much must my myself naturally near nearly "
    "neither never nevertheless new next no nobody none nonetheless nor not note noted noting nothing now nowhere obviously of off officials "
    "often oh ok okay old on once one only onto opponents opposition or other others otherwise our ours ourselves out outside over overall own "
    "part people per perhaps please plus police politically previously prior probably protesters provided put quite quoting rather read "
    "really recalling recent recently referring regarding regardless remember reportedly researchers residents responding right said same saw "
    "say saying says shares scientists second secondly see seeing seen separately seven several shall she should show similarly simply since six so "
    "some somebody somehow someone something sometimes somewhere soon sources speaking specifically start starting still strangely such "
    "suddenly supporters supposedly sure surely take taken taking tell telling ten thank thanks that the their theirs them themselves then "
    "there thereafter therefore these they thing things think third this those though thousands three through throughout thus to today "
    "together tomorrow tonight too toward towards try trying two typically ultimately under underneath unfortunately unless unlike until up "
    "update updated upon us use used using usually various very via view vs wait want wanted was watch way we well went were what whatever when "
    "whenever where whereas wherever whether which whichever while who whoever whole whom whose why will with within without witnesses won "
    "working would yes yesterday yet you young your yours yourself zero breaking exclusive opinion analysis editorial video photo photos image "
    "images credit file getty advertisement subscribe share related story stories news live click source editor editors correction "
    "former ex acting late senior top many amid mr mrs ms dr sir madam"
)
# Words that only say what kind of body it is: a name of nothing else names a different body in every country.
GENERIC = word_set(
    "national federal central state states public health education justice labour labor culture fisheries highways highway hospital legislative elections electoral human "
    "rights police fire city people's peoples people workers green social republican special supreme high higher district county security defence defense communist socialist "
    "liberal conservative democratic progressive independent popular agriculture agricultural forestry water environment environmental tourism transport transportation works urban rural "
    "planning finance financial economic economy commerce industry industrial foreign interior home affairs internal external information broadcasting science technology research youth "
    "sports women children child family welfare housing land lands energy power petroleum mines mining minerals customs revenue tax immigration border intelligence "
    "investigation investigations criminal crime anti corruption drug drugs narcotics emergency disaster management services service general joint chiefs military naval air coast "
    "elderly community communities local regional provincial municipal metropolitan lower upper first second and of for the on in protection conservation prosecutor prosecutors attorney s"
)
CALENDAR = word_set(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sept sep oct nov dec "
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat sun ramadan christmas easter thanksgiving "
    "gmt utc edt est ist pm am bst cet"
)
# Given names that are also states or capitals: before a surname they are the person's.
GIVEN_PLACES = word_set(
    "jordan chad paris georgia india israel kenya chelsea austin vienna sofia lima florence malta cuba america washington santiago"
)
# Names written in several ways for one, most of them out of another alphabet; the first of each line stands for all.
SPELLINGS: dict[str, str] = {
    word: line.split()[0]
    for line in (
        "anthony antony", "mohammed muhammad mohammad mohamed muhammed mohamad mohamud mohammedou", "ahmed ahmad achmad", "mahmoud mahmud mehmood mahmood",
        "hussein hussain husain husayn hossein hussien", "hassan hasan hassen", "yusuf yousef youssef yousuf yousaf yusef", "ibrahim ebrahim ibraheem",
        "ismail ismael esmail ismaeel", "khaled khalid", "omar umar omer", "osama usama", "abdullah abdallah abdulla abdollah", "abdel abdul abdol",
        "abdelrahman abdulrahman abdurrahman abdelrahmane", "abdelaziz abdulaziz", "abdelfattah abdulfattah", "mustafa mostafa moustafa", "jamal gamal djamal",
        "jaber jabir", "saeed said sayeed", "sayed sayyid sayyed syed seyed", "suleiman sulaiman soleiman suleyman sulayman", "tariq tarek tareq", "walid waleed",
        "rashid rasheed rachid", "nasser nasir naser nassir", "qasim qassem qasem kassem kasim", "qaddafi gaddafi gadhafi kadafi qadhafi", "fatima fatimah fatma",
        "aisha aysha ayesha aicha", "layla leila laila leyla", "zeinab zainab zaynab zeynab", "mehdi mahdi", "reza raza riza", "nouri nuri noori", "faisal faysal feisal",
        "al el", "sergei sergey serguei", "alexei alexey aleksei aleksey", "alexander aleksandr alexandr oleksandr aleksander", "dmitry dmitri dmitriy dmitrii",
        "andrei andrey andrej", "nikolai nikolay nikolaj", "yuri yury yuriy iouri", "yevgeny evgeny yevgeni evgeniy yevgeniy", "mikhail michail mihail", "vasily vasili vassily vasiliy",
        "vitaly vitali vitaliy vitalii", "valery valeri valeriy", "gennady gennadi gennadiy", "arkady arkadi", "anatoly anatoli anatoliy", "volodymyr wolodymyr", "viktor victor",
        "maxim maksim", "artem artyom artiom", "natalia nataliya natalya", "tatiana tatyana", "yulia julia yuliya", "zelensky zelenskyy zelenskiy zelenskyi", "lukashenko lukashenka",
        "tymoshenko timoshenko", "yanukovych yanukovich", "poroshenko porochenko", "osman othman uthman", "arthur artur", "teodoro theodoro", "josef joseph", "isaac isaak",
    )
    for word in line.split()
}  # fmt: skip
PARTICLES = word_set(
    "de del della di da do dos das van von der den ter bin bint ibn al el ul ud la le du e y ben abu st zu af ould"
)
SUFFIXES = word_set("jr sr ii iii iv")
