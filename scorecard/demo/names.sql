-- Invented companies. Places and families are made up; a name that comes up twice is numbered
-- in the manner of its language.

create table word as
select * from (values
    (0, ['Überlingstedt', 'Hartfelden', 'Oberwendlitz', 'Nieder-Askau', 'Grünwiesenthal',
         'Kaltenmoos', 'Wiesbrück', 'Sankt Orlach', 'Försterau', 'Mühlgrabenstein'],
        ['Aldrunger', 'Brettauer', 'Quirl', 'Zschorn', 'Ötzmann', 'Vierhaus', 'Kromhold',
         'Späthlin', 'Wendekamp', 'Ellerschlag', 'Gnaden', 'Trübswetter'],
        ['Meßtechnik', 'Feinmechanik', 'Prüfstandbau', 'Anlagenbau', 'Arzneimittelwerke',
         'Molkereibetriebe', 'Zelltechnik', 'Präzisionswerkzeuge', 'Wärmetechnik'],
        ['GmbH', 'AG', 'GmbH & Co. KG', 'KG', 'Vereinigte Werke AG']),
    (1, ['Ashcombe Vale', 'Thornby Ferry', 'Little Marrow', 'Kelderwick', 'Great Ossing',
         'Penhallow Sands', 'Dunmarrick', 'Wexley-on-Tarn', 'Fernhithe', 'Low Garside'],
        ['Aldermoor', 'Brackwater', 'Cottlestone', 'Dunvale', 'Eversham', 'Farthinghoe',
         'Gillespike', 'Harrowgale', 'Inchmere', 'Larkwhistle', 'Netherby', 'Quillfeather'],
        ['Instruments', 'Foods', 'Process Engineering', 'Breweries', 'Biologics', 'Power Systems',
         'Test Laboratories', 'Castings', 'Dairies'],
        ['Ltd', 'plc', 'Group Ltd', '& Sons Ltd', 'Holdings plc']),
    (2, ['Saint-Aubrac-les-Bains', 'Montferrière', 'Villeneuve-d’Orsel', 'Clairvigne',
         'Pont-Sarrois', 'La Roche-Méline', 'Beauquesnoy', 'Argelès-le-Pré'],
        ['Desmarolles', 'Vauquelan', 'Perrichon', 'Tréguidel', 'Malagrange', 'Béraudin',
         'Courtevoie', 'Lanthenas', 'Oriolle', 'Chassignard'],
        ['Métrologie', 'Laboratoires', 'Laiteries', 'Fonderies', 'Énergies', 'Mécanique fine',
         'Ateliers réunis', 'Brasseries'],
        ['SA', 'SAS', 'SARL', 'et Fils SA']),
    (3, ['東雲', '白露', '朝凪', '碧水', '若葉台', '銀嶺', '月見野', '霧ヶ原', '花筏', '千歳川'],
        ['東雲', '暁光', '碧海', '瑞穂野', '青嵐', '雪割', '星霜', '葦原', '夕凪', '山吹', '松籟',
         '光芒'],
        ['精密工業', '計測', '製作所', '電機', '化学工業', '製薬', '食品', '理化学研究所'],
        ['株式会社']),
    (4, ['Vilarinho do Cabeço', 'São Bento da Ribeira', 'Monte Alvorada', 'Póvoa das Oliveiras',
         'Ribamonte', 'Alcarrã', 'Quinta do Lenheiro', 'Foz de Arandela'],
        ['Cabedelo', 'Figueirinha', 'Mourisqueiro', 'Taveirós', 'Gonçalinho', 'Bragantim',
         'Sobreirão', 'Peixotinho'],
        ['Metrologia', 'Lacticínios', 'Instrumentação', 'Conservas', 'Energia', 'Farmacêutica',
         'Cortiças'],
        ['Lda.', 'S.A.', 'e Irmãos Lda.']),
    (5, ['Norrvåla', 'Älvhyttan', 'Sköldinge Strand', 'Höganäset', 'Bäckelund', 'Tunavik',
         'Ödeshamra', 'Kråkmossen'],
        ['Almtorp', 'Björnskog', 'Hedenvall', 'Lövström', 'Nygårdshage', 'Rönnhagen', 'Sälgbred',
         'Tångeby', 'Ekensvärd', 'Frostmark'],
        ['Mätteknik', 'Energi', 'Mejeri', 'Instrument', 'Bioteknik', 'Pappersbruk', 'Verkstad'],
        ['AB', 'Holding AB', 'Aktiebolag']),
    (6, ['Castelforno', 'Borgo Santerenzo', 'Valmarina', 'Pietralinda', 'Montecervo', 'Rivabella',
         'San Quirlo', 'Torrescura'],
        ['Bellandini', 'Carrosio', 'Delfanti', 'Mantegazzi', 'Orsolani', 'Pellicioni',
         'Quartarella', 'Tombelli'],
        ['Strumentazione', 'Caseifici', 'Officine meccaniche', 'Farmaceutici', 'Energia',
         'Birrifici', 'Laboratori'],
        ['S.p.A.', 'S.r.l.', 'e Figli S.r.l.']),
    (7, ['Brzezówka Górna', 'Zielonołąki', 'Jezioranki', 'Stary Młynów', 'Wólka Śliwna',
         'Dębogóra Leśna', 'Łęgowisko', 'Krasnoborzec'],
        ['Krzemiński', 'Wiśniowiecki', 'Ostrożan', 'Gołębiak', 'Świerczyna', 'Jabłonowiec',
         'Rzeszótko', 'Żurawiński', 'Dąbrówczak'],
        ['Aparatura', 'Mleczarnie', 'Energetyka', 'Pomiary', 'Zakłady Chemiczne', 'Odlewnie',
         'Laboratoria'],
        ['S.A.', 'Sp. z o.o.', 'Sp. j.'])
) t(country, places, families, trades, forms);

create table proposed as
select c, f.country,
    pick(w.places, u('place', c)) as place, pick(w.families, u('family', c)) as family,
    pick(w.trades, u('trade', c)) as trade, pick(w.forms, u('form', c)) as form,
    pick(w.families, u('partner', c)) as partner, u('manner', c) as manner,
    case
        when f.country = 3 and manner < 0.5 then form || family || trade
        when f.country = 3 then family || trade || form
        when manner < 0.5 then family || ' ' || trade || ' ' || form
        when manner < 0.65 then place || ' ' || trade || ' ' || form
        when manner < 0.94 or partner = family
            then family || ' ' || trade || ' ' || place || ' ' || form
        else family || ' & ' || partner || ' ' || trade || ' ' || place || ' ' || form
    end as name
from firm f join word w on w.country = f.country;

create table placed as
select c, country,
    case when nth = 1 or length(name) > 36 or contains(name, place) then name
         when country = 3 then name || ' ' || place || '工場'
         else name || ', ' || place end as name
from (select *, row_number() over (partition by name order by c) as nth from proposed);

create table called as
select c,
    case when nth = 1 then name
         else name || case country
            when 0 then ' Werk ' when 1 then ' No. ' when 2 then ' Usine ' when 3 then ' 第'
            when 4 then ' Unidade ' when 6 then ' Stabilimento ' else ' ' end || nth
            || if(country = 3, '号', '') end as name
from (select *, row_number() over (partition by name order by c) as nth from placed);
